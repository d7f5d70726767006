// SPDX-License-Identifier: GPL-2.0-or-later
// lua/freestanding/format_text.cpp against glibc's snprintf.
#include "lua/freestanding/format_text.h"

#include <gtest/gtest.h>

#include <climits>
#include <cstdarg>
#include <string>
#include <vector>

/// Shown as it is, so that glibc's text is the same.
unsigned long nflua_hide_pointer(const void* pointer) {
  return reinterpret_cast<unsigned long>(pointer);
}

namespace {

constexpr size_t kSize = 256;

int format_text(char* to, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = nflua_format_text(to, size, format, arguments);
  va_end(arguments);
  return length;
}

template <class... T>
void expect_the_same_text(const std::string& format, T... arguments) {
  char ours[kSize], theirs[kSize];
  const int our_length = format_text(ours, kSize, format.c_str(), arguments...);
  const int their_length = snprintf(theirs, kSize, format.c_str(), arguments...);
  ASSERT_STREQ(ours, theirs) << format;
  ASSERT_EQ(our_length, their_length) << format;
}

/// All subsets of the flags.
std::vector<std::string> subsets_of(const std::string& flags) {
  std::vector<std::string> subsets;
  for (unsigned set = 0; set < 1u << flags.size(); ++set) {
    subsets.emplace_back();
    for (size_t i = 0; i < flags.size(); ++i)
      if (set >> i & 1) subsets.back() += flags[i];
  }
  return subsets;
}

const std::vector<std::string> kWidths = {"", "1", "2", "8", "30", "99"};
const std::vector<std::string> kPrecisions = {"", ".", ".0", ".1", ".2", ".7", ".25", ".99"};

/// Every conversion to that letter, without its '%'.
std::vector<std::string> conversions(const char* flags, const std::string& letter) {
  std::vector<std::string> all;
  for (const std::string& set : subsets_of(flags))
    for (const std::string& width : kWidths)
      for (const std::string& precision : kPrecisions)
        all.push_back(set + width + precision + letter);
  return all;
}

TEST(FormatText, integers_of_each_length) {
  for (const char* letter : {"d", "i", "u", "o", "x", "X"})
    for (const std::string& conversion : conversions("-+ #0", letter))
      for (const int value : {0, 1, -1, 8, 4711, INT_MIN, INT_MAX})
        ASSERT_NO_FATAL_FAILURE(expect_the_same_text("%" + conversion, value));
  for (const char* letter : {"ld", "lld", "lu", "llu", "lo", "llo", "lx", "llX"})
    for (const std::string& conversion : conversions("-+ #0", letter))
      for (const long value : {0L, -1L, 123456789012345L, LONG_MIN, LONG_MAX})
        ASSERT_NO_FATAL_FAILURE(expect_the_same_text("%" + conversion, value));
}

TEST(FormatText, texts) {
  for (const std::string& conversion : conversions("-", "s"))
    for (const char* value : {"", "a", "seven..", "a text of more than thirty characters"})
      ASSERT_NO_FATAL_FAILURE(expect_the_same_text("%" + conversion, value));
}

TEST(FormatText, a_precision_reads_no_further) {
  const char unended[3] = {'a', 'b', 'c'};
  char text[kSize];
  EXPECT_EQ(format_text(text, kSize, "%.3s|%.2s", unended, unended), 6);
  EXPECT_STREQ(text, "abc|ab");
}

TEST(FormatText, characters_and_addresses) {
  for (const std::string& set : subsets_of("-"))
    for (const std::string& width : kWidths) {
      for (const int value : {0x41, 0x25, 0xff})
        ASSERT_NO_FATAL_FAILURE(expect_the_same_text("%" + set + width + "c", value));
      for (const unsigned long address : {0ul, 1ul, 0xfffful, ~0ul})
        ASSERT_NO_FATAL_FAILURE(
            expect_the_same_text("%" + set + width + "p", reinterpret_cast<const void*>(address)));
    }
}

TEST(FormatText, a_character_may_be_zero) {
  char text[kSize];
  EXPECT_EQ(format_text(text, kSize, "a%cb", 0), 3);
  EXPECT_EQ(std::string(text, 4), std::string("a\0b\0", 4));
}

TEST(FormatText, several_items_and_what_is_between) {
  expect_the_same_text("%s", "");
  expect_the_same_text("100%% of %s: %d, %5.2x|%-6lld|%c%c%%", "all", -3, 10, 7LL, 'x', 'y');
  // More than registers hold.
  expect_the_same_text("%d %s %ld %c %u %s %d %lld %d %d", 1, "2", 3L, '4', 5u, "6", 7, 8LL, 9, 10);
}

TEST(FormatText, a_buffer_of_any_size) {
  for (size_t size = 0; size < 20; ++size) {
    char ours[kSize], theirs[kSize];
    memset(ours, '#', kSize);
    memset(theirs, '#', kSize);
    EXPECT_EQ(format_text(ours, size, "<%6d|%-4s>", 42, "ab"),
              snprintf(theirs, size, "<%6d|%-4s>", 42, "ab"));
    EXPECT_EQ(std::string(ours, kSize), std::string(theirs, kSize)) << size;
  }
  EXPECT_EQ(format_text(nullptr, 0, "%d", 12345), 5);
}

}  // namespace
