// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/state.hpp"
#include "tests/support/packets.hpp"
#include "tests/support/recorded_events.hpp"

namespace nflua::replay {
namespace {

using test::address;
using test::Buffer;
using test::ipv4;
using test::view;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kStart = 1'700'000'000'000'000'000;

struct ReplayHostTest : testing::Test {
  ReplayHostTest() {
    clock.advance(kStart);
    const Result<State*> created = State::create(host, "test", {}, 1);
    EXPECT_TRUE(bool(created));
    state = *created;
  }
  ~ReplayHostTest() { close(); }

  void close() {
    if (state) state->close();
    state = nullptr;
  }
  void load(const std::string& source) {
    const Error error = state->load({source.data(), source.size()}, "test.lua");
    EXPECT_FALSE(bool(error)) << state->last_error().data();
  }

  Clock clock;
  Conntrack conntrack;
  test::RecordedEvents events{kStart};
  ReplayHost host{clock, conntrack, events};
  State* state = nullptr;
};

TEST_F(ReplayHostTest, its_time_is_the_captures) {
  load("print(os.time())");
  clock.advance(kStart + 1500 * kMs);
  load("print(os.time())");
  EXPECT_THAT(events.lines, ElementsAre("0 log 1700000000\t1700000000000000000",
                                        "1500 log 1700000001\t1700000001500000000"));
}

TEST_F(ReplayHostTest, a_timer_runs_once_at_its_time) {
  load("timer.create(20, function() print('ran') end)");
  clock.advance(kStart + 20 * kMs - 1);
  EXPECT_THAT(events.lines, IsEmpty());
  clock.advance(kStart + 1000 * kMs);
  clock.advance(kStart + 2000 * kMs);
  EXPECT_EQ(clock.drain(), 0u);
  EXPECT_THAT(events.lines, ElementsAre("20 log ran"));
}

TEST_F(ReplayHostTest, a_timer_of_the_longest_delay_runs) {
  load("timer.create(2^31 - 1, function() print('ran') end)");
  EXPECT_EQ(clock.drain(), 0u);
  EXPECT_THAT(events.lines, ElementsAre("2147483647 log ran"));
}

TEST_F(ReplayHostTest, a_cancelled_timer_never_runs) {
  load(
      "local victim = timer.create(20, function() print('never') end)\n"
      "timer.create(10, function() print(timer.destroy(victim)) end)\n"
      "timer.create(30, function() print(timer.destroy(victim)) end)");
  EXPECT_EQ(clock.drain(), 0u);
  EXPECT_THAT(events.lines, ElementsAre("10 log true", "30 log nil\ttimer already destroyed"));
}

TEST_F(ReplayHostTest, a_state_that_goes_takes_its_timers_along) {
  load("timer.create(20, function() print('never') end)");
  close();
  clock.advance(kStart + 1000 * kMs);
  EXPECT_EQ(clock.drain(), 0u);
  EXPECT_THAT(events.lines, IsEmpty());
}

TEST_F(ReplayHostTest, a_datagram_becomes_an_event) {
  clock.advance(kStart + 5 * kMs);
  load("print(netlink.send(7, 3, 'hello'))");
  EXPECT_THAT(events.lines, ElementsAre("5 datagram 7 3: hello", "5 log 5"));
}

TEST_F(ReplayHostTest, finds_the_connections_that_conntrack_knows) {
  const Buffer packet = ipv4("10.0.0.1", "10.0.0.2").udp(1000, 53).build();
  const ConnHandle handle = conntrack.look_up(view(packet), kStart);
  const Tuple tuple{IpProto::udp, address("10.0.0.1"), address("10.0.0.2"), true, 1000, 53};
  EXPECT_STREQ(host.find_connection(tuple).error().text(), "connid entry not found");
  conntrack.confirm(handle, kStart);
  const Result<ConnEntry> entry = host.find_connection(tuple);
  ASSERT_TRUE(bool(entry));
  EXPECT_EQ(entry->id, int64_t{handle.id});
  EXPECT_TRUE(entry->has_traffic);
  EXPECT_EQ(entry->traffic.direction[0].packets, 1u);
  clock.advance(kStart + 3'600'000 * kMs);
  EXPECT_FALSE(bool(host.find_connection(tuple))) << "it is over by the capture's time";
}

TEST_F(ReplayHostTest, each_run_has_the_same_seed) {
  EXPECT_EQ(ReplayHost(clock, conntrack, events).seed(), host.seed());
}

TEST_F(ReplayHostTest, serves_no_queue) { EXPECT_FALSE(host.serves_queue(0)); }

TEST_F(ReplayHostTest, memory_grows_shrinks_and_goes) {
  auto* block = static_cast<uint8_t*>(host.reallocate(nullptr, 0, 4));
  ASSERT_NE(block, nullptr);
  block[0] = 7;
  block = static_cast<uint8_t*>(host.reallocate(block, 4, 100'000));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block[0], 7);
  EXPECT_EQ(host.reallocate(block, 100'000, 0), nullptr);
}

}  // namespace
}  // namespace nflua::replay
