// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/find.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace nflua {
namespace {

Bytes bytes(const std::string& text) { return {text.data(), text.size()}; }

size_t expected(const std::string& haystack, const std::string& needle) {
  const size_t at = haystack.find(needle);
  return at == std::string::npos ? kNotFound : at;
}

// All words of letters 'a' and 'b' with at most `size` of them.
std::vector<std::string> words(size_t size) {
  std::vector<std::string> all{""};
  for (size_t i = 0; all[i].size() < size; ++i) {
    all.push_back(all[i] + 'a');
    all.push_back(all[i] + 'b');
  }
  return all;
}

TEST(find, agrees_with_a_naive_search_on_every_short_word) {
  for (const std::string& haystack : words(10))
    for (const std::string& needle : words(5))
      ASSERT_EQ(find_bytes(bytes(haystack), bytes(needle)), expected(haystack, needle))
          << '"' << needle << "\" in \"" << haystack << '"';
}

// The prefix is all false starts, so that the linear search has to find the word behind it.
TEST(find, agrees_with_a_naive_search_after_many_false_starts) {
  for (const std::string& word : words(7)) {
    if (word.empty()) continue;
    std::string needle;
    for (int i = 0; i < 100; ++i) needle += word;
    needle += "c";
    for (const std::string& between : words(4)) {
      std::string haystack;
      for (int i = 0; i < 1000; ++i) haystack += word;
      haystack += between + needle;
      ASSERT_EQ(find_bytes(bytes(haystack), bytes(needle)), expected(haystack, needle)) << word;
      haystack.pop_back();
      ASSERT_EQ(find_bytes(bytes(haystack), bytes(needle)), kNotFound) << word;
    }
  }
}

// Many false starts that cost little: hits and misses at every place of a word and behind the last.
TEST(find, agrees_with_a_naive_search_on_random_text) {
  std::mt19937 random(1);
  const auto text = [&](size_t size) {
    std::string result(size, 'a');
    for (char& letter : result) letter = char('a' + random() % 3);
    return result;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string haystack = text(random() % 300);
    const std::string needle = text(1 + random() % 9);
    ASSERT_EQ(find_bytes(bytes(haystack), bytes(needle)), expected(haystack, needle))
        << '"' << needle << "\" in \"" << haystack << '"';
  }
}

TEST(find, sees_zeros_and_high_bytes) {
  const std::string haystack("\x00\xff\x00\x00\xfe", 5);
  EXPECT_EQ(find_bytes(bytes(haystack), bytes(std::string("\x00\x00", 2))), 2u);
  EXPECT_EQ(find_bytes(bytes(haystack), bytes("\xfe")), 4u);
}

TEST(find, of_nothing_is_found_at_once_and_in_nothing_not_at_all) {
  EXPECT_EQ(find_bytes({}, {}), 0u);
  EXPECT_EQ(find_bytes(bytes("abc"), {}), 0u);
  EXPECT_EQ(find_bytes({}, bytes("a")), kNotFound);
  EXPECT_EQ(find_bytes(bytes("ab"), bytes("abc")), kNotFound);
}

// A quadratic search would need hours for these.
TEST(find, ends_soon_on_what_makes_a_naive_search_quadratic) {
  const size_t half = 1 << 22;
  const std::string as(2 * half, 'a');
  const std::string run(half, 'a');
  EXPECT_EQ(find_bytes(bytes(as), bytes(run + 'b')), kNotFound);
  EXPECT_EQ(find_bytes(bytes(as), bytes('b' + run)), kNotFound);
  EXPECT_EQ(find_bytes(bytes(as), bytes(run.substr(0, half / 2) + 'b' + run.substr(0, half / 2))),
            kNotFound);
  std::string abab;
  for (size_t i = 0; i < half; ++i) abab += "ab";
  EXPECT_EQ(find_bytes(bytes(abab), bytes(abab.substr(0, half) + 'b')), kNotFound);
  EXPECT_EQ(find_bytes(bytes(abab), bytes('a' + abab.substr(0, half))), kNotFound);
}

}  // namespace
}  // namespace nflua
