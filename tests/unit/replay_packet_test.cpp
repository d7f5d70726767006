// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay_packet.hpp"

#include <gtest/gtest.h>

#include "engine/rewrite.hpp"
#include "tests/support/packets.hpp"

namespace nflua::replay {
namespace {

using test::Buffer;
using test::ipv4;
using test::operator+;
using test::text_of;
using test::view;

/// Keeps what leaves.
struct RecordedExits final : Exits {
  void send_reply(const ReplayPacket& to, const Reply&) override {
    replied_to.push_back(to.facts().number);
  }
  Error send_held(std::unique_ptr<ReplayPacket> packet, const Bytes* payload) override {
    sent = std::move(packet);
    if (payload) sent_payload = text_of(*payload);
    return send_error;
  }
  void drop_held(std::unique_ptr<ReplayPacket> packet) override { dropped = std::move(packet); }

  std::vector<uint64_t> replied_to;
  std::unique_ptr<ReplayPacket> sent;
  std::string sent_payload;
  Error send_error;
  std::unique_ptr<ReplayPacket> dropped;
};

struct ReplayPacketTest : testing::Test {
  ReplayPacketTest() { offer(); }

  void offer() {
    PacketFacts facts;
    facts.number = 7;
    facts.interface_name = "eth0";
    facts.missing_bytes = 3;
    connection = conntrack.look_up(view(ip), 0);
    packet.offer(facts, {frame.data(), frame.size()}, view(padded).first(ip.size()), view(padded),
                 connection);
  }
  /// What hold() gave. Owns: `exits`, once it was sent or dropped.
  ReplayPacket& hold() {
    const Result<Packet*> held = packet.hold();
    EXPECT_TRUE(bool(held));
    return static_cast<ReplayPacket&>(**held);
  }

  const Buffer ip = ipv4().udp(1, 2).payload("hi").build();
  Buffer padded = ip + Buffer(16);
  Buffer frame = {1, 2, 3, 4};
  Conntrack conntrack;
  ConnHandle connection;
  RecordedExits exits;
  ReplayPacket packet{exits, conntrack};
};

TEST_F(ReplayPacketTest, shows_the_ip_packet_without_its_padding) {
  EXPECT_EQ(packet.bytes(), view(ip));
  EXPECT_EQ(packet.padded(), view(padded)) << "which still is there for the output";
  EXPECT_EQ(Bytes(packet.frame()), view(frame));
  EXPECT_STREQ(packet.in_device(), "eth0");
  EXPECT_EQ(*packet.connection_id(), connection.id);
}

TEST_F(ReplayPacketTest, does_not_know_what_a_capture_does_not_tell) {
  EXPECT_EQ(packet.out_device(), nullptr);
  EXPECT_EQ(packet.hook(), nullptr);
  EXPECT_STREQ(packet.owner().error().text(), "no owner");
  EXPECT_FALSE(packet.checksum_is_pending());
  packet.offer({}, {}, view(ip), view(ip), {});
  EXPECT_EQ(packet.in_device(), nullptr);
  EXPECT_STREQ(packet.connection_id().error().text(), "untracked");
  EXPECT_TRUE(packet.frame().empty());
}

TEST_F(ReplayPacketTest, a_write_to_the_frame_is_one_to_the_record) {
  packet.frame()[1] = 9;
  EXPECT_EQ(frame, (Buffer{1, 9, 3, 4}));
  EXPECT_EQ(packet.frame_bytes(), view(frame));
}

TEST_F(ReplayPacketTest, the_next_record_begins_without_a_mark) {
  packet.set_mark(5);
  EXPECT_EQ(packet.mark(), 5u);
  offer();
  EXPECT_EQ(packet.mark(), 0u);
}

TEST_F(ReplayPacketTest, a_held_packet_has_copies_of_all) {
  packet.frame()[0] = 8;
  packet.set_mark(5);
  ReplayPacket& held = hold();
  padded.assign(padded.size(), 0xff);
  frame.assign(frame.size(), 0xff);
  packet.set_mark(6);
  EXPECT_EQ(held.bytes(), view(ip));
  EXPECT_EQ(held.padded(), view(ip + Buffer(16)));
  EXPECT_EQ(Bytes(held.frame()), view(Buffer{8, 2, 3, 4}));
  EXPECT_EQ(held.mark(), 5u);
  EXPECT_EQ(held.facts().number, 7u);
  EXPECT_EQ(held.facts().missing_bytes, 3u);
  EXPECT_STREQ(held.in_device(), "eth0");
  EXPECT_EQ(*held.connection_id(), connection.id);
  held.drop();
}

TEST_F(ReplayPacketTest, a_write_to_a_held_packets_frame_leaves_the_record_alone) {
  ReplayPacket& held = hold();
  held.frame()[0] = 9;
  EXPECT_EQ(frame[0], 1);
  EXPECT_EQ(held.frame_bytes()[0], 9);
  held.drop();
}

TEST_F(ReplayPacketTest, a_held_packet_without_a_link_layer_has_no_frame) {
  packet.offer({}, {}, view(ip), view(padded), {});
  ReplayPacket& held = hold();
  EXPECT_TRUE(held.frame().empty());
  EXPECT_EQ(held.bytes(), view(ip));
  held.drop();
}

TEST_F(ReplayPacketTest, a_held_packet_goes_to_the_exits) {
  ReplayPacket& held = hold();
  EXPECT_FALSE(bool(held.send(nullptr)));
  EXPECT_EQ(exits.sent.get(), &held);
  ReplayPacket& changed = hold();
  const Bytes payload = Text("new").bytes();
  exits.send_error = Error("no room");
  EXPECT_STREQ(changed.send(&payload).text(), "no room");
  EXPECT_EQ(exits.sent.get(), &changed);
  EXPECT_EQ(exits.sent_payload, "new");
  ReplayPacket& dropped = hold();
  dropped.drop();
  EXPECT_EQ(exits.dropped.get(), &dropped);
}

TEST_F(ReplayPacketTest, a_reply_names_the_packet_that_it_answers) {
  EXPECT_FALSE(bool(packet.send_reply({})));
  EXPECT_EQ(exits.replied_to, std::vector<uint64_t>{7});
}

TEST_F(ReplayPacketTest, the_mss_is_what_the_packets_sender_announced) {
  const Buffer syn = ipv4().tcp(1, 2).flags(TcpFlag::syn).tcp_options({2, 4, 0x03, 0xe8}).build();
  EXPECT_EQ(packet.reply_mss(), 0u);
  packet.offer({}, {}, view(syn), view(syn), conntrack.look_up(view(syn), 0));
  EXPECT_EQ(packet.reply_mss(), 1000u);
}

}  // namespace
}  // namespace nflua::replay
