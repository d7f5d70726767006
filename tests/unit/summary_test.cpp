// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/summary.hpp"

#include <gtest/gtest.h>

namespace nflua::queue {
namespace {

TEST(TimeHistogram, counts_by_powers_of_two_of_a_microsecond) {
  TimeHistogram histogram;
  for (const int64_t ns : {-5, 0, 999, 1000, 1999, 2000, 3999, 4000}) histogram.add(ns);
  EXPECT_EQ(histogram.buckets()[0], 3u);
  EXPECT_EQ(histogram.buckets()[1], 2u);
  EXPECT_EQ(histogram.buckets()[2], 2u);
  EXPECT_EQ(histogram.buckets()[3], 1u);
  histogram.add(int64_t{3600} * 1'000'000'000);
  EXPECT_EQ(histogram.buckets()[TimeHistogram::kBuckets - 1], 1u);
}

Rule rule(const char* name, uint64_t packets) {
  Rule rule;
  strncpy(rule.function, name, sizeof rule.function - 1);
  rule.packets = packets;
  return rule;
}

TEST(Summary, adds_up_workers) {
  Summary one;
  one.received.add(100);
  one.verdicts[size_t(VerdictKind::drop)].add(100);
  one.held_ends[size_t(HeldEnd::sent)] = 2;
  one.socket.receive_overflows = 1;
  one.rules = {rule("match", 4)};
  Summary sum = one;
  sum.add(one);
  EXPECT_EQ(sum.received.packets, 2u);
  EXPECT_EQ(sum.received.bytes, 200u);
  EXPECT_EQ(sum.verdicts[size_t(VerdictKind::drop)].bytes, 200u);
  EXPECT_EQ(sum.held_ends[size_t(HeldEnd::sent)], 4u);
  EXPECT_EQ(sum.socket.receive_overflows, 2u);
  ASSERT_EQ(sum.rules.size(), 1u);
  EXPECT_EQ(sum.rules[0].packets, 8u);
}

TEST(StateSummary, adds_up_replicas) {
  StateSummary one;
  one.counters.errors = 3;
  one.bytes_used = 1000;
  one.held = 1;
  StateSummary sum = one;
  sum.add(one);
  EXPECT_EQ(sum.counters.errors, 6u);
  EXPECT_EQ(sum.bytes_used, 2000u);
  EXPECT_EQ(sum.held, 2u);
}

}  // namespace
}  // namespace nflua::queue
