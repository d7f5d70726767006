// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/number_gaps.hpp"

#include <gtest/gtest.h>

namespace nflua::cli {
namespace {

control::Datagram datagram(const std::string& state, uint32_t number, uint32_t port = 1) {
  return {.state = state, .number = number, .port = port, .groups = 0, .payload = {}};
}

TEST(NumberGaps, finds_what_is_missing_before_each_message) {
  const struct {
    const char* what;
    uint32_t before, number;
    uint64_t missing;
  } cases[] = {{"the next", 5, 6, 0},
               {"one left out", 5, 7, 1},
               {"many left out", 1, 100'001, 99'999},
               {"a new state of that name", 5, 1, 0},
               {"the same once more", 5, 5, 0},
               {"the largest, then 0", 0xffffffff, 0, 0}};
  for (const auto& c : cases) {
    NumberGaps gaps;
    EXPECT_EQ(gaps.add(datagram("a", c.before)), 0u) << c.what;
    EXPECT_EQ(gaps.add(datagram("a", c.number)), c.missing) << c.what;
    EXPECT_EQ(gaps.missing(), c.missing) << c.what;
  }
}

TEST(NumberGaps, keeps_states_and_their_senders_apart) {
  NumberGaps gaps;
  gaps.add(datagram("a", 1));
  EXPECT_EQ(gaps.add(datagram("b", 10)), 0u);
  EXPECT_EQ(gaps.add(datagram("a", 20, 2)), 0u);
  EXPECT_EQ(gaps.add(datagram("a", 2)), 0u);
  EXPECT_EQ(gaps.add(datagram("b", 12)), 1u);
}

TEST(NumberGaps, stays_bounded_whoever_sends) {
  NumberGaps gaps;
  for (size_t i = 0; i < 3 * NumberGaps::kMaxStates; ++i) gaps.add(datagram(std::to_string(i), 7));
  EXPECT_EQ(gaps.missing(), 0u);
}

}  // namespace
}  // namespace nflua::cli
