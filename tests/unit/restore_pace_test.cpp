// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/restore_pace.hpp"

#include <gtest/gtest.h>

namespace nflua::queue {
namespace {

int admitted(RestorePace& pace, int64_t now_ns, int wanted) {
  int count = 0;
  for (int i = 0; i < wanted; ++i) count += pace.admit(now_ns);
  return count;
}

TEST(RestorePace, lets_a_burst_through_and_then_one_a_period) {
  RestorePace pace;
  int64_t now_ns = 5 * kRestorePeriodNs;
  EXPECT_EQ(admitted(pace, now_ns, 1000), kMaxRestoresAtOnce);
  EXPECT_EQ(pace.next_ns(now_ns), now_ns + kRestorePeriodNs);
  EXPECT_EQ(admitted(pace, now_ns + kRestorePeriodNs - 1, 1000), 0);
  for (int i = 0; i < 5; ++i) {
    now_ns += kRestorePeriodNs;
    EXPECT_EQ(admitted(pace, now_ns, 1000), 1);
  }
}

TEST(RestorePace, is_as_patient_as_at_first_after_a_while) {
  RestorePace pace;
  EXPECT_EQ(admitted(pace, 0, 1000), kMaxRestoresAtOnce);
  EXPECT_EQ(admitted(pace, kMaxRestoresAtOnce * kRestorePeriodNs, 1000), kMaxRestoresAtOnce);
}

TEST(RestorePace, may_be_at_once_where_nothing_was_before) {
  EXPECT_EQ(RestorePace().next_ns(7), 7);
}

}  // namespace
}  // namespace nflua::queue
