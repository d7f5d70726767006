// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/wire.hpp"

#include <gtest/gtest.h>

#include <random>

#include "engine/limits.hpp"
#include "tests/support/packets.hpp"

namespace nflua {
namespace {

using test::Buffer;
using test::ipv4;
using test::ipv6;
using test::operator+;
using test::view;

Buffer cut(Buffer packet, size_t size) {
  packet.resize(size);
  return packet;
}

/// A hop-by-hop header with a jumbo payload option behind `padding` options of one byte each.
Buffer jumbogram(uint32_t claimed, size_t padding = 0) {
  Buffer options(padding, 0);
  uint8_t claim[4];
  store_be32(claim, claimed);
  options.insert(options.end(), {0xc2, 4, claim[0], claim[1], claim[2], claim[3]});
  options.resize((options.size() + 2 + 7) / 8 * 8 - 2);
  return ipv6()
      .extension(IpProto::hop_by_hop, options)
      .tcp(1, 2)
      .payload("abc")
      .lie16(4, 0)
      .build();
}

struct GoodCase {
  const char* what;
  Buffer in;
  IpProto protocol;
  size_t header_bytes;
  bool has_ports;
  Payload payload;
};

const Buffer kNopOptions{1, 1, 1, 1};

std::vector<GoodCase> good_cases() {
  return {
      {"IPv4 TCP", ipv4().tcp(1, 2).payload("abc").build(), IpProto::tcp, 20, true, {40, 3}},
      {"IPv4 UDP", ipv4().udp(1, 2).payload("abc").build(), IpProto::udp, 20, true, {28, 3}},
      {"IPv4 UDP, empty", ipv4().udp(1, 2).build(), IpProto::udp, 20, true, {28, 0}},
      {"IPv4 options",
       ipv4().ip_options(kNopOptions).tcp(1, 2).payload("abc").build(),
       IpProto::tcp,
       24,
       true,
       {44, 3}},
      {"TCP options",
       ipv4().tcp(1, 2).tcp_options(kNopOptions).payload("abc").build(),
       IpProto::tcp,
       20,
       true,
       {44, 3}},
      {"IPv4 ICMP", ipv4().icmp_echo().payload("abc").build(), IpProto::icmp, 20, false, {20, 11}},
      {"IPv4 total length 0",
       ipv4().tcp(1, 2).payload("abc").lie16(2, 0).build(),
       IpProto::tcp,
       20,
       true,
       {40, 3}},
      {"IPv4 total length less than is there",
       ipv4().tcp(1, 2).payload("abc").lie16(2, 41).build(),
       IpProto::tcp,
       20,
       true,
       {40, 1}},
      {"capture cut inside the payload",
       cut(ipv4().tcp(1, 2).payload("abc").build(), 42),
       IpProto::tcp,
       20,
       true,
       {40, 2}},
      {"UDP length less than the packet's",
       ipv4().udp(1, 2).payload("abc").lie16(24, 10).build(),
       IpProto::udp,
       20,
       true,
       {28, 2}},
      {"first fragment of a longer UDP datagram",
       ipv4().udp(1, 2).payload("abc").fragment(0, true).lie16(24, 4000).build(),
       IpProto::udp,
       20,
       true,
       {28, 3}},
      {"later fragment",
       ipv4().protocol(IpProto::tcp).payload("abc").fragment(8, true).build(),
       IpProto::tcp,
       20,
       false,
       {20, 3}},
      {"SCTP",
       ipv4().protocol(IpProto::sctp).payload({"\0\1\0\2", 4}).build(),
       IpProto::sctp,
       20,
       true,
       {20, 4}},
      {"DCCP",
       ipv4().protocol(IpProto::dccp).payload({"\0\1\0\2", 4}).build(),
       IpProto::dccp,
       20,
       true,
       {20, 4}},
      {"IPv6 TCP", ipv6().tcp(1, 2).payload("abc").build(), IpProto::tcp, 40, true, {60, 3}},
      {"IPv6 UDP length 0",
       ipv6().udp(1, 2).payload("abc").lie16(44, 0).build(),
       IpProto::udp,
       40,
       true,
       {48, 3}},
      {"IPv6 hop by hop, routing, destination options",
       ipv6()
           .extension(IpProto::hop_by_hop, {5, 2, 0, 0})
           .routing(0)
           .extension(IpProto::destination_options, Buffer(14))
           .tcp(1, 2)
           .payload("abc")
           .build(),
       IpProto::tcp,
       72,
       true,
       {92, 3}},
      {"IPv6 authentication header",
       ipv6().extension(IpProto::authentication, Buffer(22)).udp(1, 2).build(),
       IpProto::udp,
       64,
       true,
       {72, 0}},
      {"IPv6 first fragment",
       ipv6().fragment(0, true).tcp(1, 2).payload("abc").build(),
       IpProto::tcp,
       48,
       true,
       {68, 3}},
      {"IPv6 later fragment that claims to be an extension header",
       ipv6().fragment(8, false).protocol(IpProto::destination_options).payload("abc").build(),
       IpProto::destination_options,
       48,
       false,
       {48, 3}},
      {"IPv6 mobility header is a protocol",
       ipv6().protocol(IpProto(135)).payload("abc").build(),
       IpProto(135),
       40,
       false,
       {40, 3}},
      {"IPv6 nothing follows", ipv6().build(), IpProto::no_next_header, 40, false, {40, 0}},
      {"IPv4 total length 0, UDP length 0",
       ipv4().udp(1, 2).payload("abc").lie16(2, 0).lie16(24, 0).build(),
       IpProto::udp,
       20,
       true,
       {28, 3}},
      {"IPv4 total length 0, UDP length less than what is there",
       ipv4().udp(1, 2).payload("abc").lie16(2, 0).lie16(24, 10).build(),
       IpProto::udp,
       20,
       true,
       {28, 2}},
      {"IPv6 payload length 0",
       ipv6().tcp(1, 2).payload("abc").lie16(4, 0).build(),
       IpProto::tcp,
       40,
       true,
       {60, 3}},
      {"IPv6 payload length 0 behind extension headers",
       ipv6()
           .extension(IpProto::hop_by_hop, {5, 2, 0, 0})
           .extension(IpProto::destination_options)
           .udp(1, 2)
           .payload("abc")
           .lie16(4, 0)
           .build(),
       IpProto::udp,
       56,
       true,
       {64, 3}},
      {"IPv6 jumbo payload option", jumbogram(8 + 20 + 3), IpProto::tcp, 48, true, {68, 3}},
      {"IPv6 jumbo payload option behind padding",
       jumbogram(16 + 20 + 3, 3),
       IpProto::tcp,
       56,
       true,
       {76, 3}},
      {"IPv6 jumbo payload option less than is there",
       jumbogram(8 + 20 + 1),
       IpProto::tcp,
       48,
       true,
       {68, 1}},
      {"IPv6 jumbo payload option more than is there",
       jumbogram(70'000),
       IpProto::tcp,
       48,
       true,
       {68, 3}},
      {"IPv6 jumbo payload option beside a length means nothing",
       [] {
         Buffer packet = jumbogram(70'000);
         store_be16(&packet[4], 8 + 20 + 1);
         return packet;
       }(),
       IpProto::tcp,
       48,
       true,
       {68, 1}},
  };
}

TEST(Wire, good_packets_are_understood) {
  for (const GoodCase& c : good_cases()) {
    SCOPED_TRACE(c.what);
    const Result<IpHeader> ip = parse_ip(view(c.in));
    ASSERT_TRUE(ip) << ip.error().text();
    EXPECT_EQ(ip->protocol, c.protocol);
    EXPECT_EQ(ip->header_bytes, c.header_bytes);
    const Result<Tuple> tuple = parse_tuple(view(c.in));
    ASSERT_TRUE(tuple) << tuple.error().text();
    EXPECT_EQ(tuple->protocol, c.protocol);
    EXPECT_EQ(tuple->source, test::address(c.in[0] >> 4 == 4 ? "10.0.0.1" : "2001:db8::1"));
    EXPECT_EQ(tuple->destination, test::address(c.in[0] >> 4 == 4 ? "10.0.0.2" : "2001:db8::2"));
    EXPECT_EQ(tuple->has_ports, c.has_ports);
    EXPECT_EQ(tuple->source_port, c.has_ports ? 1 : 0);
    EXPECT_EQ(tuple->destination_port, c.has_ports ? 2 : 0);
    const Result<Payload> payload = find_payload(view(c.in));
    ASSERT_TRUE(payload) << payload.error().text();
    EXPECT_EQ(payload->offset, c.payload.offset);
    EXPECT_EQ(payload->size, c.payload.size);
  }
}

struct BadCase {
  const char* what;
  Buffer in;
  const char* ip;
  const char* tuple;
  const char* payload;
};

Buffer many_extensions(size_t count) {
  auto builder = ipv6();
  for (size_t i = 0; i < count; i++) builder.extension(IpProto::destination_options);
  return builder.tcp(1, 2).build();
}

std::vector<BadCase> bad_cases() {
  const Buffer tcp4 = ipv4().tcp(1, 2).build();
  const Buffer udp4 = ipv4().udp(1, 2).build();
  const Buffer options4 = ipv4().ip_options(kNopOptions).tcp(1, 2).build();
  const Buffer tcp6 = ipv6().tcp(1, 2).build();
  const Buffer extended = ipv6().extension(IpProto::hop_by_hop, Buffer(14)).tcp(1, 2).build();
  const char* kIpv4 = "truncated IPv4 header";
  const char* kTotal = "bad IPv4 total length";
  const char* kExtension = "truncated IPv6 extension header";
  const char* kExtensionLength = "bad IPv6 extension header length";
  const char* kMany = "too many IPv6 extension headers";
  return {
      {"nothing", {}, "truncated IP header", "truncated IP header", "truncated IP header"},
      {"version 5", ipv4().tcp(1, 2).lie8(0, 0x55).build(), "neither IPv4 nor IPv6",
       "neither IPv4 nor IPv6", "neither IPv4 nor IPv6"},
      {"IPv4 cut", cut(tcp4, 19), kIpv4, kIpv4, kIpv4},
      {"IPv4 options cut", cut(options4, 23), kIpv4, kIpv4, kIpv4},
      {"IPv4 header length 16", ipv4().tcp(1, 2).lie8(0, 0x44).build(), "bad IPv4 header length",
       "bad IPv4 header length", "bad IPv4 header length"},
      {"IPv4 total length below the header", ipv4().tcp(1, 2).lie16(2, 19).build(), kTotal, kTotal,
       kTotal},
      {"IPv4 total length ends in the ports", ipv4().tcp(1, 2).lie16(2, 23).build(), nullptr,
       "truncated transport header", "truncated TCP header"},
      {"ports cut", cut(tcp4, 23), nullptr, "truncated transport header", "truncated TCP header"},
      {"TCP cut behind the ports", cut(tcp4, 39), nullptr, nullptr, "truncated TCP header"},
      {"TCP options cut", cut(ipv4().tcp(1, 2).tcp_options(kNopOptions).build(), 43), nullptr,
       nullptr, "truncated TCP header"},
      {"TCP data offset 16", ipv4().tcp(1, 2).lie8(32, 0x40).build(), nullptr, nullptr,
       "bad TCP data offset"},
      {"TCP data offset past the end", ipv4().tcp(1, 2).lie8(32, 0x60).build(), nullptr, nullptr,
       "bad TCP data offset"},
      {"UDP cut", cut(udp4, 27), nullptr, nullptr, "truncated UDP header"},
      {"UDP length 7", ipv4().udp(1, 2).lie16(24, 7).build(), nullptr, nullptr, "bad UDP length"},
      {"UDP length 0 over IPv4", ipv4().udp(1, 2).lie16(24, 0).build(), nullptr, nullptr,
       "bad UDP length"},
      {"UDP length past the end", ipv4().udp(1, 2).lie16(24, 9).build(), nullptr, nullptr,
       "bad UDP length"},
      {"IPv6 cut", cut(tcp6, 39), "truncated IPv6 header", "truncated IPv6 header",
       "truncated IPv6 header"},
      {"IPv6 jumbo payload option that ends in the hop-by-hop header", jumbogram(7),
       kExtensionLength, kExtensionLength, kExtensionLength},
      {"IPv6 jumbo payload option that ends in the ports", jumbogram(8 + 3), nullptr,
       "truncated transport header", "truncated TCP header"},
      {"extension header cut at its start", cut(extended, 47), kExtension, kExtension, kExtension},
      {"extension header cut", cut(extended, 55), kExtension, kExtension, kExtension},
      {"extension header past the claimed end",
       ipv6().extension(IpProto::hop_by_hop).tcp(1, 2).lie8(41, 255).build(), kExtensionLength,
       kExtensionLength, kExtensionLength},
      {"33 extension headers", many_extensions(33), kMany, kMany, kMany},
  };
}

template <class T>
void expect_error(const Result<T>& result, const char* text) {
  ASSERT_EQ(bool(result), text == nullptr);
  if (text) {
    EXPECT_STREQ(result.error().text(), text);
  }
}

TEST(Wire, headers_that_lie_or_are_cut_off_are_errors) {
  for (const BadCase& c : bad_cases()) {
    SCOPED_TRACE(c.what);
    // An exact copy on the heap lets AddressSanitizer see a read past the end.
    const Buffer in(c.in.begin(), c.in.end());
    expect_error(parse_ip(view(in)), c.ip);
    expect_error(parse_tuple(view(in)), c.tuple);
    expect_error(find_payload(view(in)), c.payload);
  }
}

TEST(Wire, a_length_of_zero_stands_for_the_whole_packet) {
  const Buffer ipv4_bundle = ipv4().tcp(1, 2).payload("abc").lie16(2, 0).build();
  const Buffer ipv6_bundle = ipv6().tcp(1, 2).payload("abc").lie16(4, 0).build();
  for (const Buffer& in : {ipv4_bundle, ipv6_bundle}) {
    const Result<IpHeader> ip = parse_ip({view(in), 190'000});
    ASSERT_TRUE(ip);
    EXPECT_EQ(ip->packet_bytes, 190'000u);
    EXPECT_TRUE(ip->is_length_zero);
    EXPECT_EQ(parse_ip(view(in))->packet_bytes, in.size());
    EXPECT_EQ(ip_packet(view(in)).size(), in.size());
  }
  const Buffer with_length = ipv4().tcp(1, 2).payload("abc").build();
  EXPECT_EQ(parse_ip({view(with_length), 190'000})->packet_bytes, with_length.size());
  EXPECT_FALSE(parse_ip(view(with_length))->is_length_zero);
}

TEST(Wire, what_is_behind_an_ipv6_packet_without_payload_is_cut_off) {
  const Buffer padded = ipv6().build() + Buffer(6);
  EXPECT_EQ(ip_packet(view(padded)).size(), kIpv6HeaderBytes);
  EXPECT_EQ(find_payload(view(padded))->size, 0u);
}

TEST(Wire, what_is_behind_a_jumbogram_is_cut_off) {
  const Buffer jumbo = jumbogram(8 + 20 + 3);
  EXPECT_EQ(ip_packet(view(jumbo + Buffer(6))).size(), jumbo.size());
}

TEST(Wire, a_jumbo_payload_option_is_looked_for_among_the_first_options) {
  constexpr size_t kLast = kMaxJumboOptions - 1;
  EXPECT_EQ(jumbo_option(view(jumbogram(99, kLast))).size(), 6u);
  EXPECT_TRUE(jumbo_option(view(jumbogram(99, kLast + 1))).empty());
  const Buffer whole = jumbogram(99);
  for (size_t size = 0; size < kIpv6HeaderBytes + 8; ++size) {
    const Buffer in(whole.begin(), whole.begin() + ptrdiff_t(size));
    EXPECT_TRUE(jumbo_option(view(in)).empty()) << size;
  }
}

TEST(Wire, the_bound_of_extension_headers_is_exact) {
  EXPECT_TRUE(parse_ip(view(many_extensions(kMaxExtensionHeaders))));
  EXPECT_FALSE(parse_ip(view(many_extensions(kMaxExtensionHeaders + 1))));
}

TEST(Wire, fragments_are_told_apart) {
  struct {
    Buffer in;
    uint32_t offset;
    bool more;
  } cases[] = {
      {ipv4().tcp(1, 2).build(), 0, false},
      {ipv4().fragment(0, true).tcp(1, 2).build(), 0, true},
      {ipv4().fragment(65528, false).protocol(IpProto::tcp).build(), 65528, false},
      {ipv6().fragment(0, false).tcp(1, 2).build(), 0, false},
      {ipv6().fragment(1448, true).protocol(IpProto::tcp).build(), 1448, true},
  };
  for (const auto& c : cases) {
    const Result<IpHeader> ip = parse_ip(view(c.in));
    ASSERT_TRUE(ip);
    EXPECT_EQ(ip->fragment_offset, c.offset);
    EXPECT_EQ(ip->more_fragments, c.more);
    EXPECT_EQ(ip->is_fragment(), c.more || c.offset != 0);
    EXPECT_EQ(ip->is_later_fragment(), c.offset != 0);
  }
}

TEST(Wire, a_routing_header_with_segments_left_is_seen) {
  EXPECT_TRUE(parse_ip(view(ipv6().routing(1).tcp(1, 2).build()))->is_source_routed);
  EXPECT_FALSE(parse_ip(view(ipv6().routing(0).tcp(1, 2).build()))->is_source_routed);
}

TEST(Wire, link_padding_is_cut_off) {
  const Buffer padding(6, 0xee);
  const Buffer tcp4 = ipv4().tcp(1, 2).build();
  const Buffer tcp6 = ipv6().tcp(1, 2).build();
  EXPECT_EQ(ip_packet(view(tcp4 + padding)), view(tcp4));
  EXPECT_EQ(ip_packet(view(tcp6 + padding)), view(tcp6));
  EXPECT_EQ(ip_packet(view(cut(tcp4, 30))).size(), 30u);
  EXPECT_EQ(ip_packet(view(ipv6().build() + padding)).size(), 40u);
}

TEST(Wire, a_length_that_lies_cuts_nothing_off) {
  for (const Buffer& in : {Buffer{}, Buffer{0x45}, ipv4().tcp(1, 2).lie16(2, 0).build(),
                           ipv4().tcp(1, 2).lie16(2, 19).build(),
                           ipv6().extension(IpProto::hop_by_hop).tcp(1, 2).lie16(4, 0).build()}) {
    EXPECT_EQ(ip_packet(view(in)).size(), in.size());
  }
}

TEST(Wire, a_tcp_header_is_read) {
  const Buffer in = ipv4()
                        .tcp(1234, 80)
                        .sequence(0xfffffffe, 0x80000001)
                        .flags(TcpFlag::syn, TcpFlag::ack)
                        .tcp_options({1, 2, 4, 5, 0xb4})
                        .build();
  const Result<TcpHeader> tcp = parse_tcp(view(in).sub(20));
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->source_port, 1234);
  EXPECT_EQ(tcp->destination_port, 80);
  EXPECT_EQ(tcp->sequence, 0xfffffffe);
  EXPECT_EQ(tcp->acknowledgment, 0x80000001);
  EXPECT_TRUE(tcp->has(TcpFlag::syn) && tcp->has(TcpFlag::ack));
  EXPECT_FALSE(tcp->has(TcpFlag::fin) || tcp->has(TcpFlag::rst) || tcp->has(TcpFlag::psh));
  EXPECT_EQ(tcp->window, 64240);
  EXPECT_EQ(tcp->header_bytes, 28u);
  EXPECT_EQ(tcp_mss(view(in).sub(20)), 1460u);
}

TEST(Wire, lying_tcp_options_have_no_mss) {
  for (const Buffer& options :
       {Buffer{}, Buffer{2, 0, 0, 0}, Buffer{2, 1, 0, 0}, Buffer{2, 3, 5, 0}, Buffer{0, 2, 4, 5},
        Buffer{8, 200, 0, 0}, Buffer{1, 1, 1, 2}, Buffer{1, 2, 4, 5}}) {
    EXPECT_EQ(tcp_mss(view(Buffer(20) + options)), 0u);
  }
}

TEST(Wire, random_bytes_never_lead_out_of_the_packet) {
  std::mt19937 random(1);
  for (int i = 0; i < 200'000; i++) {
    Buffer in(random() % 120);
    for (uint8_t& byte : in) byte = uint8_t(random() % 4 ? random() % 64 : random());
    if (!in.empty()) in[0] = random() % 2 ? uint8_t(0x44 + random() % 4) : 0x60;
    const Result<Tuple> tuple = parse_tuple(view(in));
    if (const Result<IpHeader> ip = parse_ip(view(in)); ip) {
      EXPECT_LE(ip->header_bytes, in.size());
      EXPECT_LE(ip->header_bytes, ip->packet_bytes);
    } else {
      EXPECT_FALSE(tuple);
    }
    if (const Result<Payload> payload = find_payload(view(in)); payload) {
      EXPECT_TRUE(view(in).has(payload->offset, payload->size));
    }
    EXPECT_LE(ip_packet(view(in)).size(), in.size());
  }
}

}  // namespace
}  // namespace nflua
