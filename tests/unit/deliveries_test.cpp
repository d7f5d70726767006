// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/daemon/deliveries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace nflua::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string told(const FailedDelivery& failed) {
  return std::to_string(failed.port) + ' ' + std::to_string(failed.sequence) + ' ' + failed.why;
}

std::vector<std::string> failures_of(Deliveries& deliveries) {
  std::vector<std::string> texts;
  for (const FailedDelivery& failed : deliveries.take_failures()) texts.push_back(told(failed));
  return texts;
}

TEST(Deliveries, what_is_good_is_not_told) {
  int calls = 0;
  Deliveries deliveries([&calls] { ++calls; });
  deliveries.begin();
  deliveries.end(1, 2, {});
  deliveries.wait_for_all();
  EXPECT_EQ(calls, 0);
  EXPECT_THAT(failures_of(deliveries), IsEmpty());
}

TEST(Deliveries, failures_are_told_and_taken_once_in_their_order) {
  int calls = 0;
  Deliveries deliveries([&calls] { ++calls; });
  for (int i = 0; i < 3; ++i) deliveries.begin();
  deliveries.end(7, 1, Failure("no"));
  deliveries.end(7, 2, {});
  deliveries.end(8, 1, Failure("not so"));
  EXPECT_EQ(calls, 2);
  EXPECT_THAT(failures_of(deliveries), ElementsAre("7 1 no", "8 1 not so"));
  EXPECT_THAT(failures_of(deliveries), IsEmpty());
}

TEST(Deliveries, nothing_on_its_way_is_no_reason_to_wait) {
  Deliveries deliveries([] {});
  deliveries.wait_for_all();
}

TEST(Deliveries, beyond_the_bound_the_next_one_waits_for_an_end) {
  Deliveries deliveries([] {});
  for (size_t i = 0; i < kMaxDeliveries; ++i) deliveries.begin();
  std::atomic<bool> has_begun = false;
  std::thread next([&] {
    deliveries.begin();
    has_begun = true;
  });
  std::this_thread::yield();
  EXPECT_FALSE(has_begun);
  deliveries.end(1, 1, {});
  next.join();
  EXPECT_TRUE(has_begun);
}

TEST(Deliveries, to_wait_for_all_is_to_have_all_failures) {
  Deliveries deliveries([] {});
  constexpr uint32_t kMessages = 1000;
  std::atomic<uint32_t> begun = 0;
  std::thread worker([&] {
    for (uint32_t i = 0; i < kMessages; ++i) {
      begun.wait(i);
      deliveries.end(1, i, Failure("no"));
    }
  });
  for (uint32_t i = 0; i < kMessages; ++i) {
    deliveries.begin();
    ++begun;
    begun.notify_one();
  }
  deliveries.wait_for_all();
  EXPECT_EQ(deliveries.take_failures().size(), kMessages);
  worker.join();
}

}  // namespace
}  // namespace nflua::cli
