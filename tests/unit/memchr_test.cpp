// SPDX-License-Identifier: GPL-2.0-or-later
// memchr of lua/freestanding/string.h, against glibc's.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace bare {
#include "lua/freestanding/string.h"
}

namespace {

constexpr size_t kMostBytes = 40;
constexpr int kMostOfChar = 255;

/// A vector of its own for each: ASan sees what is read beyond it.
void expect_same(const std::vector<unsigned char>& bytes, int wanted) {
  EXPECT_EQ(bare::memchr(bytes.data(), wanted, bytes.size()),
            std::memchr(bytes.data(), wanted, bytes.size()))
      << wanted << " in " << bytes.size();
}

TEST(Memchr, finds_each_byte_at_each_place) {
  for (size_t size = 0; size <= kMostBytes; ++size)
    for (size_t at = 0; at < size; ++at)
      for (int byte = 0; byte <= kMostOfChar; ++byte) {
        std::vector<unsigned char> bytes(size, static_cast<unsigned char>(byte + 1));
        bytes[at] = static_cast<unsigned char>(byte);
        expect_same(bytes, byte);
      }
}

TEST(Memchr, finds_the_first_of_several) {
  for (size_t first = 0; first < kMostBytes; ++first) {
    std::vector<unsigned char> bytes(kMostBytes, 'x');
    for (size_t at = first; at < kMostBytes; ++at) bytes[at] = 'y';
    expect_same(bytes, 'y');
  }
}

TEST(Memchr, takes_no_neighbour_for_it) {
  // The differences 0, 1, 0x80 and 0xff are those by which a word's bytes borrow and carry.
  for (int byte = 0; byte <= kMostOfChar; ++byte)
    for (const int difference : {1, 0x7f, 0x80, 0x81, 0xff})
      expect_same(std::vector<unsigned char>(kMostBytes, (unsigned char)(byte ^ difference)), byte);
}

TEST(Memchr, looks_at_the_lowest_byte_of_what_is_wanted) {
  expect_same({1, 2, 3}, 0x102);
  expect_same({1, 2, 0xff}, -1);
}

}  // namespace
