// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace nflua::replay {
namespace {

using testing::ElementsAre;

constexpr int64_t kStart = 1'000'000;

struct ClockTest : testing::Test {
  ClockTest() { clock.advance(kStart); }

  Clock::TimerId start(int64_t delay_ns, const std::string& name) {
    return clock.start_timer(delay_ns, [this, name] {
      log.push_back(name + "@" + std::to_string(clock.now_ns() - kStart));
    });
  }

  Clock clock;
  std::vector<std::string> log;
};

TEST_F(ClockTest, starts_at_the_first_time_whatever_it_is) {
  EXPECT_EQ(clock.now_ns(), kStart);
  Clock before_the_epoch;
  before_the_epoch.advance(-5);
  EXPECT_EQ(before_the_epoch.now_ns(), -5);
  EXPECT_EQ(before_the_epoch.backward_jumps(), 0u);
}

TEST_F(ClockTest, timers_run_in_order_at_their_time_and_ties_by_creation) {
  start(30, "c");
  start(10, "a1");
  start(10, "a2");
  start(31, "later");
  clock.advance(kStart + 30);
  EXPECT_THAT(log, ElementsAre("a1@10", "a2@10", "c@30"));
  EXPECT_EQ(clock.now_ns(), kStart + 30);
}

TEST_F(ClockTest, a_cancelled_timer_does_not_run) {
  auto timer = start(10, "cancelled");
  start(10, "other");
  clock.cancel_timer(timer);
  clock.advance(kStart + 10);
  EXPECT_THAT(log, ElementsAre("other@10"));
}

TEST_F(ClockTest, a_timer_may_start_and_cancel_timers) {
  auto victim = start(20, "victim");
  clock.start_timer(10, [&] {
    clock.cancel_timer(victim);
    start(5, "child");
    start(50, "grandchild");
  });
  clock.advance(kStart + 30);
  EXPECT_THAT(log, ElementsAre("child@15"));
  EXPECT_EQ(clock.drain(), 0u);
  EXPECT_THAT(log, ElementsAre("child@15", "grandchild@60"));
}

TEST_F(ClockTest, a_jump_backwards_leaves_the_clock_and_is_counted) {
  start(0, "due");
  clock.advance(kStart - 1);
  EXPECT_EQ(clock.now_ns(), kStart);
  EXPECT_EQ(clock.backward_jumps(), 1u);
  EXPECT_THAT(log, ElementsAre("due@0"));
}

TEST_F(ClockTest, what_comes_before_the_timers_of_its_time_lets_them_wait) {
  start(9, "earlier");
  start(10, "tie");
  clock.advance(kStart + 10, Ties::wait);
  EXPECT_THAT(log, ElementsAre("earlier@9"));
  EXPECT_EQ(clock.now_ns(), kStart + 10);
  clock.advance(kStart + 10);
  EXPECT_THAT(log, ElementsAre("earlier@9", "tie@10"));
  EXPECT_EQ(clock.late_runs(), 0u);
}

TEST_F(ClockTest, a_timer_may_cancel_the_next_one_beyond_the_time) {
  auto victim = start(20, "victim");
  clock.start_timer(10, [&] { clock.cancel_timer(victim); });
  clock.advance(kStart + 10);
  clock.advance(kStart + 20);
  EXPECT_TRUE(log.empty());
}

TEST(clock, nothing_is_later_than_the_end_of_time) {
  EXPECT_EQ(later(1, 2), 3);
  EXPECT_EQ(later(INT64_MIN, 2), INT64_MIN + 2);
  EXPECT_EQ(later(INT64_MAX - 2, 2), INT64_MAX);
  EXPECT_EQ(later(INT64_MAX - 1, 2), INT64_MAX);
  EXPECT_EQ(later(INT64_MAX, INT64_MAX), INT64_MAX);
}

TEST_F(ClockTest, a_timer_that_starts_itself_again_does_not_stop_the_replay) {
  uint64_t runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    clock.start_timer(0, again);
  };
  clock.start_timer(0, again);
  clock.advance(kStart + 1);
  EXPECT_EQ(runs, kMaxTimersPerAdvance);
  EXPECT_EQ(clock.late_runs(), 1u);
  EXPECT_EQ(clock.now_ns(), kStart + 1);
  EXPECT_EQ(clock.drain(), 1u);
  EXPECT_EQ(runs, kMaxTimersPerAdvance + 1);
  EXPECT_EQ(clock.now_ns(), kStart + 1) << "a late timer must not turn the clock back";
}

TEST_F(ClockTest, draining_runs_each_armed_timer_once_and_none_that_these_start) {
  start(10, "first");
  auto victim = start(40, "victim");
  Clock::TimerId left;
  clock.start_timer(20, [&] {
    log.push_back("starter");
    start(1, "sooner than the next");
    left = clock.start_timer(2, [] {});
    clock.cancel_timer(victim);
  });
  clock.start_timer(30, [&] { clock.cancel_timer(left); });
  start(50, "last");
  EXPECT_EQ(clock.drain(), 1u);
  EXPECT_THAT(log, ElementsAre("first@10", "starter", "last@50"));
}

TEST_F(ClockTest, a_delay_beyond_all_time_is_the_end_of_time) {
  clock.start_timer(std::numeric_limits<int64_t>::max(), [] {});
  EXPECT_EQ(clock.drain(), 0u);
  EXPECT_EQ(clock.now_ns(), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace nflua::replay
