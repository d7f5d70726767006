// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queue_packet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "tests/support/queue_messages.hpp"

namespace nflua::queue {
namespace {

using namespace nflua::test;

/// A link-layer header alone.
Buffer frame_header(const std::vector<uint16_t>& vlans = {}) {
  const Buffer packet = ipv4().udp(1, 2).build();
  Buffer frame = ethernet(packet, vlans);
  frame.resize(frame.size() - packet.size());
  return frame;
}

/// What became of held packets.
struct RecordingExits final : Exits {
  Error send_reply(QueuePacket&, const Reply&) override { return {}; }
  void add_held() override { ++held; }
  Error send_held(std::unique_ptr<QueuePacket> packet, const Bytes*) override {
    sent = packet->number();
    return {};
  }
  void drop_held(std::unique_ptr<QueuePacket> packet) override { dropped = packet->number(); }

  int held = 0;
  uint64_t sent = 0;
  uint64_t dropped = 0;
};

struct QueuePacketTest : testing::Test {
  PacketServices services(IdSource source) { return {exits, *devices, *conntrack, mss, source}; }

  void offer(QueueMessage& message, uint64_t number = 1) {
    QueuedPacket facts;
    ASSERT_TRUE(parse_queued_packet(*message.header(), facts));
    packet.offer(number, facts);
  }

  RecordingExits exits;
  Outcome<Devices> devices = Devices::open();
  Outcome<KernelConntrack> conntrack = KernelConntrack::open();
  MssTable mss;
  QueuePacket packet{services(IdSource::priority)};
};

TEST_F(QueuePacketTest, its_bytes_end_where_the_ip_packet_ends) {
  const Buffer ip = ipv4().udp(1, 2).payload("x").build();
  QueueMessage padded(1);
  offer(padded.payload(ip + Buffer(18)));
  EXPECT_TRUE(packet.bytes() == view(ip));
}

TEST_F(QueuePacketTest, the_whole_of_a_cut_packet_is_what_the_kernel_says) {
  const Buffer ip = ipv4().tcp(1, 2).payload("x").lie16(2, 0).build();
  QueueMessage cut(1);
  offer(cut.payload(ip).be32(NFQA_CAP_LEN, 190'000).be32(NFQA_SKB_INFO, NFQA_SKB_GSO));
  EXPECT_EQ(packet.bytes().size(), ip.size());
  EXPECT_EQ(packet.whole_bytes(), 190'000u);
  EXPECT_FALSE(packet.segment_bytes()) << "a bundle, of a size that no message has";
  QueueMessage single(1);
  offer(single.payload(ip + Buffer(18)));
  EXPECT_EQ(packet.whole_bytes(), packet.bytes().size());
  EXPECT_EQ(*packet.segment_bytes(), 0u);
}

TEST_F(QueuePacketTest, an_id_in_the_priority_has_its_bytes_swapped) {
  QueueMessage message(1);
  offer(message.be32(NFQA_PRIORITY, 0x3101c457));
  EXPECT_EQ(*packet.connection_id(), 0x57c40131);
  QueueMessage untracked(1);
  offer(untracked);
  EXPECT_STREQ(packet.connection_id().error().text(), "untracked");
}

TEST_F(QueuePacketTest, an_id_in_the_message_is_read_there) {
  QueuePacket told(services(IdSource::message));
  QueueMessage message(1);
  Attributes connection;
  message.bytes(NFQA_CT, connection.be32(CTA_ID, 0xfedcba98).all()).be32(NFQA_PRIORITY, 6);
  QueuedPacket facts;
  ASSERT_TRUE(parse_queued_packet(*message.header(), facts));
  told.offer(1, facts);
  EXPECT_EQ(*told.connection_id(), 0xfedcba98);
}

TEST_F(QueuePacketTest, the_frame_of_the_bridge_family_is_exact_with_its_vlan_tag) {
  const Buffer header = frame_header();
  Attributes vlan;
  vlan.be16(NFQA_VLAN_PROTO, 0x8100).be16(NFQA_VLAN_TCI, 7);
  QueueMessage message(1);
  offer(message.bytes(NFQA_L2HDR, view(header)).bytes(NFQA_VLAN, vlan.all()));
  EXPECT_TRUE(Bytes(packet.frame()) == view(frame_header({7})));
}

TEST_F(QueuePacketTest, a_packet_that_came_from_nowhere_has_no_frame) {
  QueueMessage message(1);
  offer(message);
  EXPECT_TRUE(packet.frame().empty());
}

TEST_F(QueuePacketTest, loopback_is_a_device_by_name) {
  QueueMessage message(1);
  offer(message.be32(NFQA_IFINDEX_INDEV, 1).be32(NFQA_IFINDEX_OUTDEV, 0x7fff'ffff));
  EXPECT_STREQ(packet.in_device(), "lo");
  EXPECT_EQ(packet.out_device(), nullptr);
  EXPECT_STREQ(packet.hook(), "forward");
}

TEST_F(QueuePacketTest, a_mark_is_new_only_when_it_differs) {
  QueueMessage message(1);
  offer(message.be32(NFQA_MARK, 5));
  packet.set_mark(7);
  EXPECT_EQ(packet.new_mark(), 7u);
  packet.set_mark(5);
  EXPECT_FALSE(packet.new_mark());
}

TEST_F(QueuePacketTest, a_held_one_keeps_all_that_it_was_and_outlives_the_message) {
  const Buffer ip = ipv4().tcp(1, 80).payload("GET").build();
  const Buffer link_address = {1, 2, 3, 4, 5, 6};
  auto message = std::make_unique<QueueMessage>(9);
  offer(message->payload(ip)
            .link_address(link_address)
            .bytes(NFQA_L2HDR, view(frame_header()))
            .be32(NFQA_PRIORITY, 0x1000'0000),
        42);
  packet.set_mark(3);
  auto* held = static_cast<QueuePacket*>(*packet.hold());
  EXPECT_EQ(exits.held, 1);
  message.reset();
  QueueMessage other(10);
  offer(other);
  EXPECT_TRUE(held->bytes() == view(ip));
  EXPECT_EQ(held->facts().id, 9u);
  EXPECT_TRUE(held->facts().source_link_address == view(link_address));
  EXPECT_TRUE(Bytes(held->frame()) == view(frame_header()));
  EXPECT_EQ(*held->connection_id(), 0x10);
  EXPECT_EQ(held->new_mark(), 3u);
  EXPECT_FALSE(held->send(nullptr));
  EXPECT_EQ(exits.sent, 42u);
}

}  // namespace
}  // namespace nflua::queue
