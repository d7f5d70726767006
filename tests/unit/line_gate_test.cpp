// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/line_gate.hpp"

#include <gtest/gtest.h>

namespace nflua::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct LineGateTest : testing::Test {
  int admitted_of(int lines, bool is_taken = true) {
    int admitted = 0;
    for (int i = 0; i < lines; ++i) admitted += gate.admit(now, is_taken);
    return admitted;
  }

  LineGate gate;
  LineGate::Time now = LineGate::Time(seconds(1000));
};

TEST_F(LineGateTest, a_burst_passes_and_what_is_over_it_is_counted) {
  EXPECT_EQ(admitted_of(int(kLogBurstLines) + 10), int(kLogBurstLines));
  EXPECT_EQ(gate.left_out(), 10u);
}

TEST_F(LineGateTest, lines_come_back_at_the_rate) {
  admitted_of(int(kLogBurstLines));
  now += milliseconds(500);
  EXPECT_EQ(admitted_of(1000), int(kLogLinesPerSecond) / 2);
  now += seconds(3600);
  EXPECT_EQ(admitted_of(10'000), int(kLogBurstLines));
}

TEST_F(LineGateTest, a_stuck_reader_loses_lines_but_keeps_its_right_to_later_ones) {
  EXPECT_EQ(admitted_of(100, false), 0);
  EXPECT_EQ(gate.left_out(), 100u);
  EXPECT_EQ(admitted_of(int(kLogBurstLines)), int(kLogBurstLines));
}

}  // namespace
}  // namespace nflua::cli
