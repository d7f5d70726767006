// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/priority.hpp"

#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/pkt_sched.h>

#include "tests/support/packets.hpp"

namespace nflua::queue {
namespace {

using namespace nflua::test;

constexpr size_t kTosOffset = 1;

uint32_t priority_with(uint8_t tos, unsigned hook = NF_INET_FORWARD) {
  const Buffer packet = ipv4().udp(1, 2).lie8(kTosOffset, tos).build();
  return original_priority(hook, view(packet));
}

TEST(Priority, of_a_forwarded_packet_comes_from_its_type_of_service) {
  EXPECT_EQ(priority_with(0x00), uint32_t{TC_PRIO_BESTEFFORT});
  EXPECT_EQ(priority_with(0x02), uint32_t{TC_PRIO_BESTEFFORT});   // ECN or low cost
  EXPECT_EQ(priority_with(0x08), uint32_t{TC_PRIO_BULK});         // throughput
  EXPECT_EQ(priority_with(0x10), uint32_t{TC_PRIO_INTERACTIVE});  // low delay
  EXPECT_EQ(priority_with(0x18), uint32_t{TC_PRIO_INTERACTIVE_BULK});
  EXPECT_EQ(priority_with(0xe1), uint32_t{TC_PRIO_BESTEFFORT});  // precedence is no part of it
}

TEST(Priority, is_0_elsewhere) {
  EXPECT_EQ(priority_with(0x10, NF_INET_PRE_ROUTING), 0u);
  EXPECT_EQ(original_priority(NF_INET_FORWARD, view(ipv6().udp(1, 2).build())), 0u);
  EXPECT_EQ(original_priority(NF_INET_FORWARD, {}), 0u);
}

}  // namespace
}  // namespace nflua::queue
