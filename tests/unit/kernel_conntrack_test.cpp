// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/kernel_conntrack.hpp"

#include <gtest/gtest.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "tests/support/queue_messages.hpp"

namespace nflua::queue {
namespace {

using namespace nflua::test;

Tuple tuple(const char* source, uint16_t source_port, const char* destination,
            uint16_t destination_port) {
  return {IpProto::tcp, address(source), address(destination), true, source_port, destination_port};
}

Buffer tuple_attributes(const Tuple& tuple) {
  const bool is_v4 = tuple.source.family == Family::ipv4;
  const uint8_t protocol = uint8_t(tuple.protocol);
  Attributes addresses, ports, whole;
  addresses.bytes(is_v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, {tuple.source.bytes, tuple.source.size()})
      .bytes(is_v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST,
             {tuple.destination.bytes, tuple.destination.size()});
  ports.bytes(CTA_PROTO_NUM, {&protocol, 1})
      .be16(CTA_PROTO_SRC_PORT, tuple.source_port)
      .be16(CTA_PROTO_DST_PORT, tuple.destination_port);
  whole.bytes(CTA_TUPLE_IP, addresses.all()).bytes(CTA_TUPLE_PROTO, ports.all());
  const Bytes all = whole.all();
  return {all.begin(), all.end()};
}

Connection connection(const Tuple& original, const Tuple& reply) {
  Connection connection;
  connection.tuples[0] = original;
  connection.tuples[1] = reply;
  return connection;
}

TEST(KernelConntrack, reads_the_zone_of_both_directions_or_of_one) {
  Attributes none, both, part, original, reply;
  EXPECT_EQ(read_zone(none.be32(CTA_ID, 1).all()), Zone());
  EXPECT_EQ(read_zone(both.be16(CTA_ZONE, 0xfffe).all()), (Zone{0xfffe, ZoneSide::both}));
  part.be16(CTA_TUPLE_ZONE, 5);
  EXPECT_EQ(read_zone(original.bytes(CTA_TUPLE_ORIG, part.all()).all()),
            (Zone{5, ZoneSide::original}));
  EXPECT_EQ(read_zone(reply.bytes(CTA_TUPLE_REPLY, part.all()).all()), (Zone{5, ZoneSide::reply}));
}

TEST(KernelConntrack, a_zone_that_our_rule_wrote_down_is_told_from_priorities) {
  for (const ZoneSide side : {ZoneSide::both, ZoneSide::original, ZoneSide::reply})
    EXPECT_EQ(zone_of_word(zone_tag(side) | 65535), (Zone{65535, side}));
  for (const uint32_t priority : {0U, 6U, 0x10001U, 0x6e63'ffffU, 0x6e67'0001U, 0xffff'ffffU})
    EXPECT_FALSE(zone_of_word(priority)) << priority;
}

TEST(KernelConntrack, reads_id_tuples_and_counters_of_both_families) {
  for (const char* net : {"10.0.0.", "2001:db8::"}) {
    const Tuple original =
        tuple((net + std::string("1")).c_str(), 1111, (net + std::string("2")).c_str(), 80);
    const Buffer there = tuple_attributes(original);
    const Buffer back = tuple_attributes(reversed(original));
    Attributes counters, entry;
    counters.be64(CTA_COUNTERS_PACKETS, 3).be64(CTA_COUNTERS_BYTES, 0x1'0000'0000);
    entry.be32(CTA_ID, 0x89abcdef)
        .bytes(CTA_TUPLE_ORIG, view(there))
        .bytes(CTA_TUPLE_REPLY, view(back))
        .bytes(CTA_COUNTERS_ORIG, counters.all());
    const Connection read = read_connection(entry.all());
    EXPECT_EQ(read.entry.id, 0x89abcdef);
    EXPECT_EQ(read.tuples[0], original);
    EXPECT_EQ(read.tuples[1], reversed(original));
    EXPECT_TRUE(read.entry.has_traffic);
    EXPECT_EQ(read.entry.traffic.direction[0].packets, 3u);
    EXPECT_EQ(read.entry.traffic.direction[0].bytes, 0x1'0000'0000u);
    EXPECT_EQ(read.entry.traffic.direction[1].packets, 0u);
  }
}

TEST(KernelConntrack, an_entry_without_counters_has_no_traffic) {
  Attributes entry;
  entry.be32(CTA_ID, 1);
  EXPECT_FALSE(read_connection(entry.all()).entry.has_traffic);
}

TEST(KernelConntrack, an_id_is_never_negative_and_absent_where_there_is_none) {
  Attributes entry;
  EXPECT_FALSE(read_connection_id(entry.all()));
  EXPECT_EQ(*read_connection_id(entry.be32(CTA_ID, 0xffff'ffff).all()), 0xffff'ffff);
}

TEST(KernelConntrack, a_reply_without_nat_goes_back_as_the_packet_came) {
  const Tuple packet = tuple("10.0.0.1", 1111, "10.0.0.2", 80);
  EXPECT_EQ(tuple_towards_sender(packet, connection(packet, reversed(packet))), reversed(packet));
}

TEST(KernelConntrack, a_reply_to_the_client_comes_from_the_address_that_it_knows) {
  // DNAT: the client asked 192.0.2.1:8080 and FORWARD sees the server behind it.
  const Tuple original = tuple("10.0.0.1", 1111, "192.0.2.1", 8080);
  const Tuple reply = tuple("10.0.0.2", 80, "10.0.0.1", 1111);
  const Tuple seen = tuple("10.0.0.1", 1111, "10.0.0.2", 80);
  EXPECT_EQ(tuple_towards_sender(seen, connection(original, reply)), reversed(original));
}

TEST(KernelConntrack, a_reply_to_the_server_seems_to_come_from_the_masquerading_router) {
  const Tuple original = tuple("10.0.0.1", 1111, "198.51.100.2", 80);
  const Tuple reply = tuple("198.51.100.2", 80, "192.0.2.1", 1111);
  const Tuple seen = tuple("198.51.100.2", 80, "10.0.0.1", 1111);
  EXPECT_EQ(tuple_towards_sender(seen, connection(original, reply)), reversed(reply));
}

TEST(KernelConntrack, a_look_up_of_what_does_not_exist_says_so) {
  Outcome<KernelConntrack> conntrack = KernelConntrack::open();
  ASSERT_TRUE(conntrack) << conntrack.failure().message();
  const Result<Connection> found = conntrack->find(tuple("203.0.113.1", 1, "203.0.113.2", 2), {});
  ASSERT_FALSE(found);
  EXPECT_STREQ(found.error().text(), "connid entry not found");
}

}  // namespace
}  // namespace nflua::queue
