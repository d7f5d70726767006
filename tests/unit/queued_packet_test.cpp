// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queued_packet.hpp"

#include <gtest/gtest.h>

#include "tests/support/queue_messages.hpp"

namespace nflua::queue {
namespace {

using namespace nflua::test;

QueuedPacket parsed(QueueMessage& message) {
  QueuedPacket packet;
  EXPECT_TRUE(parse_queued_packet(*message.header(), packet));
  return packet;
}

TEST(QueuedPacket, tells_what_the_message_says) {
  const Buffer ip = ipv4().udp(1, 2).payload("x").build();
  QueueMessage message(7, NF_INET_LOCAL_IN, 0x86dd);
  message.payload(ip)
      .be32(NFQA_MARK, 0x11)
      .be32(NFQA_PRIORITY, 0x22)
      .be32(NFQA_IFINDEX_INDEV, 3)
      .be32(NFQA_IFINDEX_OUTDEV, 4)
      .be32(NFQA_UID, 1000)
      .be32(NFQA_GID, 100)
      .link_address({1, 2, 3, 4, 5, 6});
  const QueuedPacket packet = parsed(message);
  EXPECT_EQ(packet.id, 7u);
  EXPECT_EQ(packet.hook, NF_INET_LOCAL_IN);
  EXPECT_EQ(packet.protocol, 0x86dd);
  EXPECT_EQ(packet.mark, 0x11u);
  EXPECT_EQ(packet.priority, 0x22u);
  EXPECT_EQ(packet.in_device, 3u);
  EXPECT_EQ(packet.out_device, 4u);
  ASSERT_TRUE(packet.owner);
  EXPECT_EQ(packet.owner->uid, 1000u);
  EXPECT_EQ(packet.owner->gid, 100u);
  EXPECT_TRUE(packet.payload == view(ip));
  const Buffer address = {1, 2, 3, 4, 5, 6};
  EXPECT_TRUE(packet.source_link_address == view(address));
  EXPECT_FALSE(packet.is_truncated());
}

TEST(QueuedPacket, is_truncated_when_fewer_bytes_were_copied_than_there_are) {
  QueueMessage message(1);
  message.payload(Buffer(20)).be32(NFQA_CAP_LEN, 1500);
  EXPECT_TRUE(parsed(message).is_truncated());
  EXPECT_EQ(parsed(message).wire_bytes, 1500u);
}

TEST(QueuedPacket, has_a_pending_checksum_when_hardware_or_gso_would_set_it) {
  for (const uint32_t flag : {NFQA_SKB_CSUMNOTREADY, NFQA_SKB_GSO}) {
    QueueMessage message(1);
    EXPECT_TRUE(parsed(message.be32(NFQA_SKB_INFO, flag)).checksum_is_pending) << flag;
  }
  QueueMessage unverified(1);
  EXPECT_FALSE(
      parsed(unverified.be32(NFQA_SKB_INFO, NFQA_SKB_CSUM_NOTVERIFIED)).checksum_is_pending);
}

TEST(QueuedPacket, is_a_bundle_when_gso_will_cut_it) {
  QueueMessage bundle(1);
  EXPECT_TRUE(parsed(bundle.be32(NFQA_SKB_INFO, NFQA_SKB_GSO | NFQA_SKB_CSUMNOTREADY)).is_bundle);
  QueueMessage single(1);
  EXPECT_FALSE(parsed(single.be32(NFQA_SKB_INFO, NFQA_SKB_CSUMNOTREADY)).is_bundle);
}

TEST(QueuedPacket, has_the_vlan_tag_that_the_kernel_keeps_beside_the_packet) {
  QueueMessage message(1);
  Attributes vlan;
  vlan.be16(NFQA_VLAN_PROTO, 0x8100).be16(NFQA_VLAN_TCI, 42);
  message.bytes(NFQA_VLAN, vlan.all());
  EXPECT_EQ(parsed(message).vlan_protocol, 0x8100);
  EXPECT_EQ(parsed(message).vlan_tag, 42);
}

TEST(QueuedPacket, a_link_address_is_never_longer_than_its_attribute) {
  QueueMessage message(1);
  nfqnl_msg_packet_hw lying = {};
  lying.hw_addrlen = htons(0xffff);
  message.bytes(NFQA_HWADDR, {reinterpret_cast<const uint8_t*>(&lying), sizeof lying});
  EXPECT_EQ(parsed(message).source_link_address.size(), sizeof lying.hw_addr);
}

TEST(QueuedPacket, attributes_that_are_too_short_say_nothing) {
  QueueMessage message(1);
  const Buffer byte = {1};
  for (const uint16_t type : {NFQA_MARK, NFQA_IFINDEX_INDEV, NFQA_HWADDR, NFQA_CAP_LEN, NFQA_VLAN})
    message.bytes(type, view(byte));
  const QueuedPacket packet = parsed(message);
  EXPECT_EQ(packet.mark, 0u);
  EXPECT_EQ(packet.in_device, 0u);
  EXPECT_TRUE(packet.source_link_address.empty());
  EXPECT_EQ(packet.vlan_tag, 0);
}

TEST(QueuedPacket, other_messages_are_no_packets) {
  QueuedPacket packet;
  QueueMessage error(1);
  error.header()->nlmsg_type = NLMSG_ERROR;
  EXPECT_FALSE(parse_queued_packet(*error.header(), packet));
  QueueMessage without_id(1);
  without_id.header()->nlmsg_len = MNL_NLMSG_HDRLEN + sizeof(nfgenmsg);
  EXPECT_FALSE(parse_queued_packet(*without_id.header(), packet));
}

}  // namespace
}  // namespace nflua::queue
