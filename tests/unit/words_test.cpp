// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/words.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nflua {
namespace {

TEST(Words, the_distance_counts_letters) {
  const struct {
    const char* a;
    const char* b;
    size_t distance;
  } cases[] = {
      {"", "", 0},         {"", "abc", 3},           {"drop", "drop", 0},
      {"DROP", "drop", 0}, {"drp", "drop", 1},       {"droop", "drop", 1},
      {"drap", "drop", 1}, {"accpet", "accept", 1},  {"tupel", "tuple", 1},
      {"abcd", "dcba", 3}, {"kitten", "sitting", 3},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(word_distance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(word_distance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
}

std::string nearest(const std::string& word) {
  NearestWord nearest({word.data(), word.size()});
  for (const char* candidate : {"drop", "accept", "stolen", "queue", "repeat", "stop"})
    nearest.consider(candidate);
  return {nearest.found().data(), nearest.found().size()};
}

TEST(Words, the_nearest_word_is_one_that_may_have_been_meant) {
  const struct {
    const char* word;
    const char* found;
  } cases[] = {
      {"DROP", "drop"},
      {"accpet", "accept"},
      {"dorp", "drop"},
      {"NF_DROP", "drop"},
      {"dropped", "drop"},
      {"accepted", "accept"},
      {"stolne", "stolen"},
      {"quueue", "queue"},
      {"stpo", "stop"},
      {"ACCEPT_ALL", "accept"},
      // No other word is near.
      {"", ""},
      {"x", ""},
      {"continue", ""},
      {"blorp", ""},
      {"yes", ""},
      {"op", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(nearest(c.word), c.found) << c.word;
}

TEST(Words, long_words_are_not_compared) {
  EXPECT_EQ(nearest(std::string(kMaxComparedBytes - 4, '_') + "drop"), "drop");
  EXPECT_EQ(nearest(std::string(kMaxComparedBytes - 3, '_') + "drop"), "");
  EXPECT_EQ(nearest(std::string(1000, 'x')), "");
}

}  // namespace
}  // namespace nflua
