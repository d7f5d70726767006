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

DeliveryTicket ticket(uint32_t port = 1, uint32_t sequence = 1, const char* state = "a") {
  return {state, port, sequence};
}

/// Begins what has room.
void begin(Deliveries& deliveries, const DeliveryTicket& ticket) {
  const Failure failure = deliveries.begin(ticket);
  EXPECT_FALSE(failure) << failure.message();
}

TEST(Deliveries, what_is_good_is_not_told) {
  int calls = 0;
  Deliveries deliveries([&calls] { ++calls; });
  begin(deliveries, ticket(1, 2));
  deliveries.end(ticket(1, 2), {}, 0);
  deliveries.wait_for_all();
  EXPECT_EQ(calls, 0);
  EXPECT_THAT(failures_of(deliveries), IsEmpty());
}

TEST(Deliveries, failures_are_told_and_taken_once_in_their_order) {
  int calls = 0;
  Deliveries deliveries([&calls] { ++calls; });
  begin(deliveries, ticket(7, 1));
  begin(deliveries, ticket(7, 2));
  begin(deliveries, ticket(8, 1));
  deliveries.end(ticket(7, 1), Failure("no"), 0);
  deliveries.end(ticket(7, 2), {}, 0);
  deliveries.end(ticket(8, 1), Failure("not so"), 0);
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
  for (size_t i = 0; i < kMaxDeliveries; ++i) begin(deliveries, ticket());
  begin(deliveries, ticket(1, 1, "another state"));
  std::atomic<bool> has_begun = false;
  std::thread next([&] {
    begin(deliveries, ticket());
    has_begun = true;
  });
  std::this_thread::yield();
  EXPECT_FALSE(has_begun);
  deliveries.end(ticket(), {}, 0);
  next.join();
  EXPECT_TRUE(has_begun);
}

TEST(Deliveries, beyond_the_bound_a_slow_state_is_told_of_no_more) {
  Deliveries deliveries([] {});
  begin(deliveries, ticket());
  deliveries.end(ticket(), {}, 100 * kSlowDeliveryNs);
  for (size_t i = 0; i < kMaxDeliveries; ++i) begin(deliveries, ticket());
  EXPECT_NE(deliveries.begin(ticket()).message().find("64 messages wait"), std::string::npos);
  EXPECT_EQ(deliveries.refused(), 1U);
  for (size_t i = 0; i < kMaxDeliveries; ++i) deliveries.end(ticket(), {}, 0);  // quick again
  for (size_t i = 0; i < kMaxDeliveries; ++i) begin(deliveries, ticket());
}

TEST(Deliveries, who_waits_while_a_state_becomes_slow_waits_no_longer) {
  Deliveries deliveries([] {});
  for (size_t i = 0; i < kMaxDeliveries; ++i) begin(deliveries, ticket());
  std::thread next([&] { (void)deliveries.begin(ticket()); });
  deliveries.end(ticket(), {}, 100 * kSlowDeliveryNs);
  next.join();
}

TEST(Deliveries, a_client_waits_only_for_its_own) {
  Deliveries deliveries([] {});
  begin(deliveries, ticket(1));
  deliveries.wait_for(2);
  deliveries.end(ticket(1), {}, 0);
  deliveries.wait_for(1);
}

TEST(Deliveries, to_wait_for_all_is_to_have_all_failures) {
  Deliveries deliveries([] {});
  constexpr uint32_t kMessages = 1000;
  std::atomic<uint32_t> begun = 0;
  std::thread worker([&] {
    for (uint32_t i = 0; i < kMessages; ++i) {
      begun.wait(i);
      deliveries.end(ticket(1, i), Failure("no"), 0);
    }
  });
  for (uint32_t i = 0; i < kMessages; ++i) {
    begin(deliveries, ticket(1, i));
    ++begun;
    begun.notify_one();
  }
  deliveries.wait_for_all();
  EXPECT_EQ(deliveries.take_failures().size(), kMessages);
  worker.join();
}

}  // namespace
}  // namespace nflua::cli
