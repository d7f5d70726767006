// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/rewrite.hpp"

#include <gtest/gtest.h>

#include "engine/limits.hpp"
#include "tests/support/packets.hpp"

namespace nflua {
namespace {

using test::Buffer;
using test::ipv4;
using test::ipv6;
using test::PacketBuilder;
using test::operator+;
using test::view;

constexpr uint16_t kGood = 0xffff;

Buffer written(const Reply& reply, size_t index) {
  Buffer out(reply.size(index), 0xee);
  reply.write(index, {out.data(), out.size()});
  return out;
}

Bytes segment_of(const Buffer& packet) {
  return view(packet).sub(parse_ip(view(packet))->header_bytes);
}

/// Lengths and checksums, by means of the test's own.
void expect_well_formed(const Buffer& packet) {
  const Result<IpHeader> ip = parse_ip(view(packet));
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->packet_bytes, packet.size());
  if (ip->family == Family::ipv4) {
    EXPECT_EQ(test::naive_sum(view(packet).first(ip->header_bytes)), kGood);
  }
  const Bytes segment = segment_of(packet);
  EXPECT_EQ(test::naive_transport_sum(source_address(view(packet)),
                                      destination_address(view(packet)), ip->protocol, segment),
            kGood);
  if (ip->protocol == IpProto::udp) {
    EXPECT_EQ(segment.be16(4), segment.size());
    EXPECT_NE(segment.be16(6), 0);
  }
}

std::string payload_of(const Buffer& packet) {
  const Result<Payload> payload = find_payload(view(packet));
  return payload ? test::text_of(view(packet).sub(payload->offset, payload->size)) : "no payload";
}

std::string letters(size_t size) {
  std::string result(size, ' ');
  for (size_t i = 0; i < size; i++) result[i] = char('a' + i % 23);
  return result;
}

// ---- TCP replies

struct TcpReplyCase {
  const char* what;
  Buffer in;
  uint32_t sequence;
  uint32_t acknowledgment;
};

PacketBuilder tcp4() { return ipv4().tcp(1234, 80).sequence(1000, 2000); }
PacketBuilder tcp6() { return ipv6().tcp(1234, 80).sequence(1000, 2000); }

std::vector<TcpReplyCase> tcp_reply_cases() {
  return {
      {"IPv4", tcp4().payload("hello").build(), 2000, 1005},
      {"IPv4, no payload", tcp4().build(), 2000, 1000},
      {"IPv4 with options", tcp4().ip_options({1, 1, 1, 0}).payload("hello").build(), 2000, 1005},
      {"TCP with options", tcp4().tcp_options({1, 1, 1, 1}).payload("hello").build(), 2000, 1005},
      {"SYN|ACK counts one", tcp4().flags(TcpFlag::syn, TcpFlag::ack).build(), 2000, 1001},
      {"FIN counts one", tcp4().flags(TcpFlag::fin, TcpFlag::ack).payload("hello").build(), 2000,
       1006},
      {"sequence numbers wrap", tcp4().sequence(0xffff'fffe, 0xffff'ffff).payload("hello").build(),
       0xffff'ffff, 3},
      {"checksum left to the hardware", tcp4().payload("hello").pending_checksum().build(), 2000,
       1005},
      {"link padding", tcp4().payload("hello").build() + Buffer(6, 0xee), 2000, 1005},
      {"IPv4 total length 0", tcp4().payload("hello").lie16(2, 0).build(), 2000, 1005},
      {"IPv6", tcp6().payload("hello").build(), 2000, 1005},
      {"IPv6 with extension headers",
       tcp6()
           .extension(IpProto::hop_by_hop)
           .routing(0)
           .extension(IpProto::destination_options)
           .payload("hello")
           .build(),
       2000, 1005},
      {"IPv6, checksum left to the hardware", tcp6().payload("hello").pending_checksum().build(),
       2000, 1005},
  };
}

void expect_answers(const Buffer& reply, const Buffer& packet) {
  const Result<Tuple> there = parse_tuple(view(packet));
  const Result<Tuple> back = parse_tuple(view(reply));
  ASSERT_TRUE(there && back);
  EXPECT_EQ(back->protocol, there->protocol);
  EXPECT_EQ(back->source, there->destination);
  EXPECT_EQ(back->destination, there->source);
  EXPECT_EQ(back->source_port, there->destination_port);
  EXPECT_EQ(back->destination_port, there->source_port);
}

TEST(Rewrite, a_tcp_reply_fits_the_conversation) {
  for (const TcpReplyCase& c : tcp_reply_cases()) {
    SCOPED_TRACE(c.what);
    const Result<Reply> reply = Reply::tcp(view(c.in), view("goodbye"), 0, false);
    ASSERT_TRUE(reply) << reply.error().text();
    ASSERT_EQ(reply->packets(), 1u);
    const Buffer out = written(*reply, 0);
    expect_well_formed(out);
    expect_answers(out, c.in);
    const Result<TcpHeader> tcp = parse_tcp(segment_of(out));
    ASSERT_TRUE(tcp);
    EXPECT_EQ(tcp->sequence, c.sequence);
    EXPECT_EQ(tcp->acknowledgment, c.acknowledgment);
    EXPECT_EQ(tcp->flags, uint8_t(TcpFlag::psh) | uint8_t(TcpFlag::ack));
    EXPECT_NE(tcp->window, 0);
    EXPECT_EQ(tcp->header_bytes, 20u);
    EXPECT_EQ(payload_of(out), "goodbye");
  }
}

TEST(Rewrite, the_ip_header_of_a_reply_is_plain) {
  const Buffer v4 = written(*Reply::tcp(view(tcp4().build()), view("x"), 0, false), 0);
  EXPECT_EQ(test::text_of(view(v4).first(10)), std::string("\x45\0\0\x29\0\0\x40\0\x40\x06", 10));
  const Buffer v6 = written(*Reply::tcp(view(tcp6().build()), view("x"), 0, false), 0);
  EXPECT_EQ(test::text_of(view(v6).first(8)), std::string("\x60\0\0\0\0\x15\x06\x40", 8));
}

TEST(Rewrite, a_long_tcp_reply_is_split_at_the_mss) {
  struct {
    size_t message;
    size_t mss;
    std::vector<size_t> parts;
  } cases[] = {
      {1220, 0, {1220}},          {1221, 0, {1220, 1}},
      {2920, 1460, {1460, 1460}}, {2921, 1460, {1460, 1460, 1}},
      {100, 1, {48, 48, 4}},      {65'536, 1'000'000, {65'495, 41}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.message);
    const Buffer in = tcp4().sequence(1, 0xffff'ff00).build();
    const std::string message = letters(c.message);
    const Result<Reply> reply = Reply::tcp(view(in), view(message), c.mss, false);
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->packets(), c.parts.size());
    std::string received;
    for (size_t i = 0; i < c.parts.size(); i++) {
      const Buffer out = written(*reply, i);
      expect_well_formed(out);
      EXPECT_EQ(parse_tcp(segment_of(out))->sequence, uint32_t(0xffff'ff00 + received.size()));
      EXPECT_EQ(payload_of(out).size(), c.parts[i]);
      received += payload_of(out);
    }
    EXPECT_EQ(received, message);
  }
}

TEST(Rewrite, the_longest_ipv6_segment_fits_a_packet) {
  const std::string message = letters(kMaxReplyBytes);
  const Buffer in = tcp6().build();
  const Result<Reply> reply = Reply::tcp(view(in), view(message), SIZE_MAX, false);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->size(0), kMaxPacketBytes);
  expect_well_formed(written(*reply, 0));
  expect_well_formed(written(*reply, 1));
}

struct RefusedCase {
  const char* what;
  Buffer in;
  const char* error;
};

Buffer copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

Buffer without_last_byte(Buffer packet) {
  packet.pop_back();
  return packet;
}

std::vector<RefusedCase> refused_cases(PacketBuilder good, PacketBuilder fragment,
                                       size_t checksum_at) {
  return {
      {"cut off", without_last_byte(good.payload("hello").build()), "packet is cut off"},
      {"bad checksum", good.lie16(checksum_at, 0x1234).build(), "bad checksum"},
      {"fragment", fragment.build(), "packet is a fragment"},
  };
}

void expect_refused(const RefusedCase& c, const Result<Reply>& reply) {
  SCOPED_TRACE(c.what);
  ASSERT_FALSE(reply);
  EXPECT_STREQ(reply.error().text(), c.error);
}

std::vector<RefusedCase> refused_tcp_cases() {
  const auto from_to = [](const char* from, const char* to) {
    const bool is_ipv6 = std::string(from).find(':') != std::string::npos;
    return (is_ipv6 ? ipv6(from, to) : ipv4(from, to)).tcp(1, 2).build();
  };
  const char* kUnicast = "not between two unicast addresses";
  std::vector<RefusedCase> cases = {
      {"UDP", ipv4().udp(1, 2).build(), "not a TCP packet"},
      {"RST", tcp4().flags(TcpFlag::rst, TcpFlag::ack).build(), "packet resets the connection"},
      {"no ACK", tcp4().flags(TcpFlag::syn).build(), "packet acknowledges nothing"},
      {"later fragment", tcp4().fragment(8, false).build(), "packet is a fragment"},
      {"IPv6 fragment", tcp6().fragment(0, true).build(), "packet is a fragment"},
      {"source-routed", tcp6().routing(1).build(), "packet is source-routed"},
      {"to multicast", from_to("10.0.0.1", "239.1.2.3"), kUnicast},
      {"from multicast", from_to("224.0.0.1", "10.0.0.1"), kUnicast},
      {"to broadcast", from_to("10.0.0.1", "255.255.255.255"), kUnicast},
      {"from nobody", from_to("0.0.0.0", "10.0.0.1"), kUnicast},
      {"to IPv6 multicast", from_to("fe80::1", "ff02::1"), kUnicast},
      {"from IPv6 nobody", from_to("::", "fe80::1"), kUnicast},
      {"TCP header cut off", copy_of(view(tcp4().build()).first(30)), "truncated TCP header"},
      {"lying data offset", tcp4().lie8(32, 0xf0).build(), "bad TCP data offset"},
      {"nothing", {}, "truncated IP header"},
  };
  for (const RefusedCase& c : refused_cases(tcp4(), tcp4().fragment(0, true), 36)) {
    cases.push_back(c);
  }
  return cases;
}

TEST(Rewrite, packets_that_allow_no_tcp_reply_are_refused) {
  for (const RefusedCase& c : refused_tcp_cases()) {
    expect_refused(c, Reply::tcp(view(c.in), view("x"), 0, false));
  }
}

TEST(Rewrite, a_tcp_message_is_bounded) {
  const Buffer in = tcp4().build();
  const std::string longest = letters(kMaxReplyBytes);
  EXPECT_TRUE(Reply::tcp(view(in), view(longest), 0, false));
  expect_refused({"long", {}, "message too long"},
                 Reply::tcp(view(in), view(longest + "x"), 0, false));
  expect_refused({"empty", {}, "empty message"}, Reply::tcp(view(in), {}, 0, false));
}

TEST(Rewrite, a_pending_checksum_is_not_checked_even_if_the_packet_is_cut_off) {
  const Buffer in = without_last_byte(tcp4().payload("hello").lie16(36, 0x1234).build());
  const Result<Reply> reply = Reply::tcp(view(in), view("x"), 0, true);
  ASSERT_TRUE(reply);
  // What was cut off has a place in the sequence, too.
  EXPECT_EQ(parse_tcp(segment_of(written(*reply, 0)))->acknowledgment, 1005u);
}

TEST(Rewrite, a_bundle_is_answered_behind_all_that_it_carries) {
  const Buffer bundles[] = {tcp4().payload("hello").lie16(2, 0).lie16(36, 0x1234).build(),
                            tcp6().payload("hello").lie16(4, 0).build()};
  for (const Buffer& in : bundles) {
    const Result<Reply> whole = Reply::tcp(view(in), view("x"), 0, false);
    ASSERT_TRUE(whole);
    EXPECT_EQ(parse_tcp(segment_of(written(*whole, 0)))->acknowledgment, 1005u);
    const Result<Reply> cut = Reply::tcp({view(in), in.size() + 100'000}, view("x"), 0, false);
    ASSERT_TRUE(cut);
    EXPECT_EQ(parse_tcp(segment_of(written(*cut, 0)))->acknowledgment, 101'005u);
  }
}

// ---- UDP replies

TEST(Rewrite, a_udp_reply_goes_back) {
  for (const Buffer& in :
       {ipv4().udp(5353, 53).payload("who?").build(),
        ipv4().udp(5353, 53).payload("who?").lie16(26, 0).build(),
        ipv4().udp(5353, 53).payload("who?").pending_checksum().build(),
        ipv4().udp(5353, 53).build(),
        ipv6().extension(IpProto::hop_by_hop).udp(5353, 53).payload("who?").build()}) {
    for (const std::string& message : {std::string("me"), std::string()}) {
      const Result<Reply> reply = Reply::udp(view(in), view(message), false);
      ASSERT_TRUE(reply) << reply.error().text();
      ASSERT_EQ(reply->packets(), 1u);
      const Buffer out = written(*reply, 0);
      expect_well_formed(out);
      expect_answers(out, in);
      EXPECT_EQ(payload_of(out), message);
    }
  }
}

TEST(Rewrite, packets_that_allow_no_udp_reply_are_refused) {
  std::vector<RefusedCase> cases = {
      {"TCP", tcp4().build(), "not a UDP packet"},
      {"no source port", ipv4().udp(0, 53).build(), "no source port"},
      {"IPv6 without checksum", ipv6().udp(1, 2).lie16(46, 0).build(), "bad checksum"},
      {"lying length", ipv4().udp(1, 2).lie16(24, 100).build(), "bad UDP length"},
      {"to multicast", ipv4("10.0.0.1", "224.0.0.251").udp(5353, 5353).build(),
       "not between two unicast addresses"},
  };
  for (const RefusedCase& c :
       refused_cases(ipv4().udp(1, 2), ipv4().udp(1, 2).fragment(0, true), 26)) {
    cases.push_back(c);
  }
  for (const RefusedCase& c : cases) expect_refused(c, Reply::udp(view(c.in), view("x"), false));
}

TEST(Rewrite, a_udp_message_fits_one_packet) {
  const Buffer v4 = ipv4().udp(1, 2).build();
  const Buffer v6 = ipv6().udp(1, 2).build();
  EXPECT_EQ(Reply::udp(view(v4), view(letters(65'507)), false)->size(0), kMaxPacketBytes);
  EXPECT_EQ(Reply::udp(view(v6), view(letters(65'487)), false)->size(0), kMaxPacketBytes);
  expect_refused({"IPv4", {}, "message too long"},
                 Reply::udp(view(v4), view(letters(65'508)), false));
  expect_refused({"IPv6", {}, "message too long"},
                 Reply::udp(view(v6), view(letters(65'488)), false));
}

// ---- Payload replacement

Buffer replaced(const Buffer& in, const std::string& payload) {
  const Result<size_t> size = replaced_size(view(in), payload.size());
  EXPECT_TRUE(size) << size.error().text();
  Buffer out(*size, 0xee);
  replace_tcp_payload(view(in), view(payload), {out.data(), out.size()});
  return out;
}

TEST(Rewrite, a_replaced_payload_leaves_the_rest_as_it_was) {
  const auto v4 = [] { return tcp4().ip_options({1, 1, 1, 0}).tcp_options({1, 1, 1, 1}); };
  const auto v6 = [] {
    return tcp6().extension(IpProto::hop_by_hop).extension(IpProto::destination_options);
  };
  for (const std::string& payload :
       {std::string(), std::string("x"), std::string("HELLO"), letters(1000)}) {
    EXPECT_EQ(replaced(tcp4().payload("hello").build(), payload), tcp4().payload(payload).build());
    EXPECT_EQ(replaced(v4().payload("hello").build(), payload), v4().payload(payload).build());
    EXPECT_EQ(replaced(v6().payload("hello").build(), payload), v6().payload(payload).build());
    EXPECT_EQ(replaced(tcp6().build(), payload), tcp6().payload(payload).build());
  }
}

TEST(Rewrite, a_replacement_mends_lengths_and_checksums_left_to_the_hardware) {
  const Buffer out =
      replaced(tcp4().payload("hello").pending_checksum().lie16(2, 0).build(), "HELLO");
  EXPECT_EQ(out, tcp4().payload("HELLO").build());
}

TEST(Rewrite, a_replacement_drops_what_followed_the_packet) {
  EXPECT_EQ(replaced(tcp4().payload("hello").build() + Buffer(6, 0xee), "HELLO"),
            tcp4().payload("HELLO").build());
}

TEST(Rewrite, a_replacement_gives_an_ipv6_bundle_its_length) {
  EXPECT_EQ(replaced(tcp6().payload("hello").lie16(4, 0).build(), "HELLO"),
            tcp6().payload("HELLO").build());
}

TEST(Rewrite, a_replacement_pads_where_the_jumbo_payload_option_was) {
  const auto with_option = [](Buffer option) {
    return tcp6().extension(IpProto::hop_by_hop, std::move(option));
  };
  const Buffer in =
      with_option({0xc2, 4, 0, 0, 0, 8 + 20 + 5}).payload("hello").lie16(4, 0).build();
  EXPECT_EQ(replaced(in, "HELLO"), with_option({1, 4, 0, 0, 0, 0}).payload("HELLO").build());
}

TEST(Rewrite, the_payload_of_a_bundle_that_is_cut_off_is_not_replaced) {
  const Buffer bundles[] = {tcp4().payload("hello").lie16(2, 0).build(),
                            tcp6().payload("hello").lie16(4, 0).build()};
  for (const Buffer& in : bundles) {
    const Result<size_t> size = replaced_size({view(in), in.size() + 1}, 1);
    ASSERT_FALSE(size);
    EXPECT_STREQ(size.error().text(), "packet is cut off");
  }
}

TEST(Rewrite, a_payload_that_cant_be_replaced_is_refused) {
  const RefusedCase cases[] = {
      {"UDP", ipv4().udp(1, 2).build(), "not a TCP packet"},
      {"fragment", tcp4().fragment(0, true).build(), "packet is a fragment"},
      {"cut off", without_last_byte(tcp4().payload("hello").build()), "packet is cut off"},
      {"source-routed", tcp6().routing(1).build(), "packet is source-routed"},
      {"lying data offset", tcp4().lie8(32, 0xf0).build(), "bad TCP data offset"},
  };
  for (const RefusedCase& c : cases) {
    SCOPED_TRACE(c.what);
    const Result<size_t> size = replaced_size(view(c.in), 1);
    ASSERT_FALSE(size);
    EXPECT_STREQ(size.error().text(), c.error);
  }
}

TEST(Rewrite, the_longest_replacement_fits_the_length_field) {
  const Buffer in = tcp4().build();
  EXPECT_EQ(*replaced_size(view(in), 65'495), kMaxPacketBytes);
  EXPECT_FALSE(replaced_size(view(in), 65'496));
  EXPECT_FALSE(replaced_size(view(in), SIZE_MAX));
}

}  // namespace
}  // namespace nflua
