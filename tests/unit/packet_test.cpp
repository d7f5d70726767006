// SPDX-License-Identifier: GPL-2.0-or-later
// engine/lua/packet.cpp: what a script sees of a packet. Results and edges of each function that
// every datapath shares are in tests/conformance; here is what only doubles can show.
#include "engine/lua/packet.hpp"

#include <gtest/gtest.h>

#include "engine/checksum.hpp"
#include "tests/support/packets.hpp"
#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

Buffer request() {
  return ipv4().tcp(40000, 80).flags(TcpFlag::psh, TcpFlag::ack).payload("GET /").build();
}

TEST(Packet, a_packet_kept_from_an_earlier_callback_stays_closed) {
  Script script("function target(pkt) if kept then return kept:connid() end kept = pkt end");
  FakePacket packet(request());
  script.target(packet);
  EXPECT_TRUE(script.target(packet).failed);
  EXPECT_NE(script.errors().find("closed packet"), std::string::npos);
}

TEST(Packet, every_method_of_a_closed_packet_raises) {
  Script script("function target(pkt) kept = pkt end");
  FakePacket packet(request());
  script.target(packet);
  for (const char* call :
       {"close()", "connid()", "copybytes(memory.create(1))", "find('x')", "frame()", "hook()",
        "indev()", "inner()", "mark()", "outdev()", "owner()", "payload()", "reply('x')",
        "segment_size()", "send()", "tcpreply('x')", "tuple()", "unpack('B')"}) {
    const std::string body =
        std::string("print(select(2, pcall(function() kept:") + call + " end)))";
    EXPECT_NE(script.run(body, packet).find("closed packet"), std::string::npos) << call;
  }
  EXPECT_NE(script.run("print(pcall(function() return #kept end))", packet).find("closed packet"),
            std::string::npos);
  EXPECT_EQ(script.run("print(kept)", packet), "packet (closed)\n");
}

TEST(Packet, a_segment_size_is_a_bundles_and_may_be_unknown) {
  Script script("");
  FakePacket packet(request());
  EXPECT_EQ(script.run("print(pkt:segment_size())", packet), "nil\n");
  packet.world().segment_bytes = size_t{1448};
  EXPECT_EQ(script.run("print(pkt:segment_size())", packet), "1448\n");
  packet.world().segment_bytes = Error("unknown: nobody tells");
  EXPECT_EQ(script.run("print(pkt:segment_size())", packet), "nil\tunknown: nobody tells\n");
}

TEST(Packet, a_reply_to_a_cut_bundle_acknowledges_all_of_it) {
  Script script("");
  FakePacket packet(ipv4().tcp(1, 2).sequence(1000).payload("abc").lie16(2, 0).build());
  packet.world().whole_bytes = 40 + 100'000;
  EXPECT_EQ(script.run("print(pkt:tcpreply('x'))", packet), "true\n");
  ASSERT_EQ(packet.log().replies.size(), 1U);
  const Bytes segment = view(packet.log().replies[0]).sub(kIpv4HeaderBytes);
  EXPECT_EQ(parse_tcp(segment)->acknowledgment, 101'000U);
}

TEST(Packet, a_stolen_packet_lives_until_it_is_sent) {
  Script script("function target(pkt) kept = pkt; return 'stolen' end");
  FakePacket packet(request());
  EXPECT_EQ(script.target(packet).verdict.kind, VerdictKind::stolen);
  EXPECT_EQ(script.state().held_packets(), 1U);
  EXPECT_EQ(script.load("assert(kept:send())"), "");
  EXPECT_EQ(packet.log().sends.size(), 1U);
  EXPECT_EQ(packet.log().live, 0);
  EXPECT_EQ(script.state().held_packets(), 0U);
  EXPECT_NE(script.load("kept:send()").find("closed packet"), std::string::npos);
}

TEST(Packet, a_packet_whose_sending_failed_is_closed_and_counted) {
  Script script("function target(pkt) kept = pkt; return 'stolen' end");
  FakePacket packet(request());
  packet.world().send_error = Error("no route");
  script.target(packet);
  EXPECT_EQ(script.load("local ok, why = kept:send('x') assert(ok == nil and why == 'no route')"),
            "");
  EXPECT_EQ(packet.log().live, 0);
  EXPECT_EQ(script.state().counters().send_failures, 1U);
}

TEST(Packet, an_abandoned_packet_is_dropped_when_collected) {
  Script script("function target(pkt) return 'stolen' end");
  FakePacket packet(request());
  script.target(packet);
  EXPECT_EQ(script.load("for i = 1, 20000 do local t = {} end"), "");
  EXPECT_EQ(packet.log().drops, 1);
  EXPECT_EQ(script.state().counters().abandoned, 1U);
  EXPECT_EQ(script.state().held_packets(), 0U);
}

TEST(Packet, closing_the_state_drops_what_it_holds) {
  Script script("held = {} function target(pkt) held[#held + 1] = pkt; return 'stolen' end");
  FakePacket packet(request());
  for (int i = 0; i < 3; ++i) script.target(packet);
  EXPECT_EQ(packet.log().live, 3);
  script.close();
  EXPECT_EQ(packet.log().live, 0);
  EXPECT_EQ(packet.log().drops, 3);
}

TEST(Packet, stolen_over_a_bound_is_an_error_and_the_packet_goes_on) {
  Limits limits;
  limits.max_held_packets = 1;
  Script script("held = {} function target(pkt) held[#held + 1] = pkt; return 'stolen' end",
                limits);
  FakePacket packet(request());
  script.target(packet);
  const TargetAnswer answer = script.target(packet);
  EXPECT_TRUE(answer.failed);
  EXPECT_EQ(answer.verdict.kind, VerdictKind::proceed);
  EXPECT_EQ(script.state().counters().held_refused, 1U);
  EXPECT_EQ(packet.log().holds, 1);
}

TEST(Packet, a_datapath_that_cannot_hold_keeps_its_packet) {
  Script script("function target(pkt) return 'stolen' end");
  FakePacket packet(request());
  packet.world().hold_error = Error("not enough memory");
  EXPECT_TRUE(script.target(packet).failed);
  EXPECT_EQ(script.state().held_packets(), 0U);
}

TEST(Packet, the_frame_follows_a_stolen_packet_and_empties_with_it) {
  Script script(R"(
    function target(pkt) kept, frame = pkt, pkt:frame(); assert(#frame == 14); return 'stolen' end)");
  FakePacket packet(request());
  packet.world().frame = Buffer(14, 7);
  EXPECT_EQ(script.target(packet).verdict.kind, VerdictKind::stolen);
  EXPECT_EQ(script.load("assert(kept:frame() == frame and frame:get(14) == 7) kept:close()"), "");
  EXPECT_EQ(script.load("assert(#frame == 0)"), "");
}

TEST(Packet, a_frame_that_was_closed_stays_so_when_its_packet_is_stolen) {
  Script script(R"(
    function target(pkt)
      frame = pkt:frame()
      do local closed <close> = frame end
      kept = pkt
      return 'stolen'
    end)");
  FakePacket packet(request());
  packet.world().frame = Buffer(14, 7);
  script.target(packet);
  EXPECT_EQ(script.load("assert(#frame == 0 and kept:frame() == frame) kept:close()"), "");
}

// Unpacking makes strings, hence garbage collections, while it reads the frame.
TEST(Packet, a_frame_being_read_keeps_its_packet_from_being_collected) {
  Script script("function target(pkt) frame = pkt:frame() return 'stolen' end");
  FakePacket packet(request());
  packet.world().frame = Buffer(14, 7);
  script.target(packet);
  const char* const kMakeGarbage = "for i = 1, 200000 do local t = {} end";
  EXPECT_EQ(script.load(std::string(kMakeGarbage) + " assert(#frame == 14)"), "");
  EXPECT_EQ(script.load("frame = nil"), "");
  EXPECT_EQ(script.load(kMakeGarbage), "");
  EXPECT_EQ(script.state().counters().abandoned, 1U);
  EXPECT_EQ(packet.log().live, 0);
}

TEST(Packet, a_frame_kept_after_the_callback_is_empty) {
  Script script("function target(pkt) frame = pkt:frame() end");
  FakePacket packet(request());
  packet.world().frame = Buffer(14, 7);
  script.target(packet);
  EXPECT_EQ(script.load("assert(#frame == 0 and memory.type(frame) == 'other')"), "");
}

TEST(Packet, devices_hook_and_owner_are_the_datapaths) {
  FakePacket packet(request());
  packet.world().in_device = "eth0";
  packet.world().hook = "forward";
  packet.world().owner = Owner{1000, 100};
  Script script("");
  EXPECT_EQ(script.run("print(pkt:indev(), pkt:outdev(), pkt:hook(), pkt:owner())", packet),
            "eth0\tnil\tforward\t1000\t100\n");
}

TEST(Packet, a_mark_changes_only_inside_its_mask) {
  FakePacket packet(request());
  packet.world().mark = 0xf0;
  Script script("");
  EXPECT_EQ(script.run("print(pkt:mark(), pkt:mark(0xff, 0x0f), pkt:mark(1))", packet),
            "240\t255\t1\n");
  EXPECT_NE(script.run("pkt:mark(-1)", packet).find("expected 0 to 0xffffffff"), std::string::npos);
}

TEST(Packet, replies_go_out_as_the_datapath_takes_them) {
  FakePacket packet(request());
  packet.world().reply_mss = 536;
  Script script("");
  EXPECT_EQ(script.run("print(pkt:tcpreply('tcp', ('x'):rep(600)), pkt:reply('x'))", packet),
            "true\ttrue\n");
  EXPECT_EQ(packet.log().replies.size(), 3U);
  packet.world().reply_error = Error("no input device");
  EXPECT_EQ(script.run("print(pkt:tcpreply('x'))", packet), "nil\tno input device\n");
  EXPECT_EQ(script.state().counters().replies, 2U);
}

TEST(Packet, the_callback_owns_nothing_when_its_allocations_fail) {
  Script script(R"(
    function target(pkt)
      kept = pkt; local frame = pkt:frame(); local s = tostring(pkt); pkt:unpack('>I2I2');
      return 'stolen'
    end)");
  for (uint64_t nth = 1; nth < 40; ++nth) {
    FakePacket packet(request());
    packet.world().frame = Buffer(14, 7);
    script.host().fail_allocation(nth);
    script.target(packet);
    script.host().fail_never();
    EXPECT_EQ(script.load("if kept then pcall(kept.close, kept) end kept = nil"), "");
    EXPECT_EQ(packet.log().live, 0) << nth;
    EXPECT_EQ(script.state().held_packets(), 0U);
  }
}

}  // namespace
}  // namespace nflua::test
