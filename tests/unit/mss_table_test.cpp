// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/mss_table.hpp"

#include <gtest/gtest.h>

#include "tests/support/packets.hpp"

namespace nflua::queue {
namespace {

using namespace nflua::test;

constexpr uint16_t kMss = 1400;
const Buffer kMssOption = {2, 4, kMss >> 8, kMss & 0xff};

Buffer syn(uint16_t source_port, const PacketBuilder& from = ipv4()) {
  return PacketBuilder(from)
      .tcp(source_port, 80)
      .flags(TcpFlag::syn)
      .tcp_options(kMssOption)
      .build();
}

TEST(MssTable, knows_what_the_sender_of_a_syn_said) {
  for (const PacketBuilder& from : {ipv4(), ipv6()}) {
    MssTable table;
    table.learn(view(syn(1000, from)));
    EXPECT_EQ(table.of_sender(view(PacketBuilder(from).tcp(1000, 80).payload("GET").build())),
              kMss);
    EXPECT_EQ(table.of_sender(view(PacketBuilder(from).tcp(1001, 80).build())), 0u);
    EXPECT_EQ(table.of_sender(view(PacketBuilder(from).udp(1000, 80).build())), 0u);
  }
}

TEST(MssTable, learns_nothing_from_other_packets) {
  MssTable table;
  table.learn(view(ipv4().tcp(1, 80).tcp_options(kMssOption).build()));
  table.learn(view(ipv4().tcp(1, 80).flags(TcpFlag::syn).build()));
  table.learn(view(ipv4().udp(1, 80).build()));
  table.learn({});
  EXPECT_EQ(table.of_sender(view(ipv4().tcp(1, 80).build())), 0u);
}

TEST(MssTable, forgets_the_oldest_first) {
  MssTable table;
  table.learn(view(syn(1)));
  const PacketBuilder other = ipv4("10.0.0.9", "10.0.0.2");
  for (uint32_t port = 1; port <= 65'535; ++port) table.learn(view(syn(uint16_t(port), other)));
  EXPECT_EQ(table.of_sender(view(ipv4().tcp(1, 80).build())), kMss);
  table.learn(view(syn(1, ipv6())));
  EXPECT_EQ(table.of_sender(view(ipv4().tcp(1, 80).build())), 0u);
  EXPECT_EQ(table.of_sender(view(ipv6().tcp(1, 80).build())), kMss);
}

}  // namespace
}  // namespace nflua::queue
