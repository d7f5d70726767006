// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/tunnel.hpp"

#include <gtest/gtest.h>

#include "engine/limits.hpp"
#include "tests/support/packets.hpp"

namespace nflua {
namespace {

using test::Buffer;
using test::ethernet;
using test::ipv4;
using test::ipv6;
using test::operator+;
using test::text_of;
using test::view;

Buffer inner4() { return ipv4("10.1.0.2", "10.2.0.2").tcp(1000, 80).payload("GET /").build(); }
Buffer inner6() {
  return ipv6("2001:db8:1::2", "2001:db8:2::2").udp(1000, 53).payload("who?").build();
}

Buffer carried(test::PacketBuilder outer, const Buffer& body) {
  return outer.payload(text_of(view(body))).build();
}
Buffer in_protocol(IpProto protocol, const Buffer& body) {
  return carried(ipv4().protocol(protocol), body);
}
Buffer in_udp(uint16_t port, const Buffer& body) { return carried(ipv4().udp(40'000, port), body); }

Buffer gre(uint16_t flags, uint16_t type, const Buffer& body) {
  Buffer header(4);
  store_be16(&header[0], flags);
  store_be16(&header[2], type);
  for (const int flag : {0x8000, 0x2000, 0x1000})
    if (flags & flag) header.insert(header.end(), 4, 0xaa);
  return in_protocol(IpProto::gre, header + body);
}
Buffer vxlan(const Buffer& frame, uint8_t flags = 8) {
  return in_udp(4789, Buffer{flags, 0, 0, 0, 0, 0, 42, 0} + frame);
}
Buffer geneve(uint16_t type, const Buffer& body, uint8_t option_words = 0) {
  Buffer header{option_words, 0, uint8_t(type >> 8), uint8_t(type), 0, 0, 42, 0};
  header.insert(header.end(), size_t{option_words} * 4, 0xbb);
  return in_udp(6081, header + body);
}
Buffer labelled(size_t labels, const Buffer& body) {
  Buffer stack;
  for (size_t i = 1; i <= labels; ++i) stack = stack + Buffer{0, 1, uint8_t(i == labels), 64};
  return stack + body;
}

struct InnerCase {
  const char* what;
  Buffer in;
  Buffer inner;
  uint32_t tunnels = 1;
};

std::vector<InnerCase> inner_cases() {
  const Buffer i4 = inner4();
  const Buffer i6 = inner6();
  return {
      {"4 in 4", in_protocol(IpProto::ipv4_in_ip, i4), i4},
      {"6 in 4", in_protocol(IpProto::ipv6_in_ip, i6), i6},
      {"4 in 6", carried(ipv6().protocol(IpProto::ipv4_in_ip), i4), i4},
      {"6 in 6, behind a destination options header",
       carried(ipv6().extension(IpProto::destination_options).protocol(IpProto::ipv6_in_ip), i6),
       i6},
      {"GRE", gre(0, 0x0800, i4), i4},
      {"GRE over IPv6", carried(ipv6().protocol(IpProto::gre), Buffer{0, 0, 8, 0} + i4), i4},
      {"GRE with checksum, key and sequence number", gre(0xb000, 0x86dd, i6), i6},
      {"GRE with a key", gre(0x2000, 0x0800, i4), i4},
      {"GRE with an Ethernet frame", gre(0, 0x6558, ethernet(i4)), i4},
      {"VXLAN", vxlan(ethernet(i4)), i4},
      {"VXLAN of Linux's old port", in_udp(8472, Buffer{8, 0, 0, 0, 0, 0, 1, 0} + ethernet(i6)),
       i6},
      {"VXLAN with tagged frames", vxlan(ethernet(i4, {7, 8})), i4},
      {"VXLAN with padding behind the packet", vxlan(ethernet(i4) + Buffer(9)), i4},
      {"Geneve", geneve(0x6558, ethernet(i4)), i4},
      {"Geneve with options", geneve(0x6558, ethernet(i6), 3), i6},
      {"Geneve without Ethernet", geneve(0x0800, i4, 1), i4},
      {"MPLS in IP", in_protocol(IpProto::mpls_in_ip, labelled(1, i4)), i4},
      {"MPLS in GRE", gre(0, 0x8847, labelled(3, i6)), i6},
      {"MPLS in UDP", in_udp(6635, labelled(2, i4)), i4},
      {"MPLS in VXLAN", vxlan(Buffer(12) + Buffer{0x88, 0x47} + labelled(kMaxMplsLabels, i4)), i4},
      {"IP in IP in GRE in VXLAN",
       vxlan(ethernet(gre(0, 0x0800, in_protocol(IpProto::ipv6_in_ip, i6)))), i6, 3},
      {"segmentation offload in VXLAN",
       [&] {
         Buffer packet = vxlan(ethernet(i4));
         store_be16(&packet[2], 0);
         store_be16(&packet[24], 0);
         return packet;
       }(),
       i4},
  };
}

TEST(Tunnel, the_innermost_packet_is_found) {
  for (const InnerCase& c : inner_cases()) {
    SCOPED_TRACE(c.what);
    const Result<InnerPacket> found = find_inner(view(c.in));
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->tunnels, c.tunnels);
    EXPECT_EQ(found->tuple, *parse_tuple(view(c.inner)));
    const Payload payload = *find_payload(view(c.inner));
    EXPECT_EQ(text_of(view(c.in).sub(found->payload.offset, found->payload.size)),
              text_of(view(c.inner).sub(payload.offset, payload.size)));
  }
}

TEST(Tunnel, what_is_no_tunnel_has_nothing_inside) {
  const Buffer i4 = inner4();
  const struct {
    const char* what;
    Buffer in;
  } cases[] = {
      {"TCP", i4},
      {"UDP", inner6()},
      {"UDP from the port of a tunnel", ipv4().udp(4789, 53).payload("12345678").build()},
      {"VXLAN without its flag", vxlan(ethernet(i4), 0)},
      {"VXLAN's port, too short for it", in_udp(4789, {8, 0, 0, 0, 0, 0, 0})},
      {"Geneve's port, too short for it", in_udp(6081, {0, 0, 8, 0, 0, 0, 0})},
      {"Geneve of another version", in_udp(6081, Buffer{0x40, 0, 8, 0, 0, 0, 0, 0} + i4)},
      {"MPLS's port, empty", in_udp(6635, {})},
      {"VXLAN with ARP", vxlan(Buffer(12) + Buffer{8, 6} + Buffer(28))},
      {"MPLS with something that is not IP",
       in_protocol(IpProto::mpls_in_ip, labelled(1, Buffer(64)))},
      {"GRE of PPTP", gre(0x2001, 0x880b, i4)},
      {"GRE with routing", gre(0x4000, 0x0800, i4)},
      {"GRE with another protocol", gre(0, 0x88cc, i4)},
      {"later fragment of a tunnel's packet",
       carried(ipv4().protocol(IpProto::ipv4_in_ip).fragment(8, false), i4)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const Result<InnerPacket> found = find_inner(view(c.in));
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->tunnels, 0u);
  }
}

TEST(Tunnel, a_tunnel_that_lies_is_an_error) {
  const Buffer i4 = inner4();
  const struct {
    const char* what;
    Buffer in;
    const char* error;
  } cases[] = {
      {"nothing", {}, "truncated IP header"},
      {"nothing in IP", in_protocol(IpProto::ipv4_in_ip, {}), "truncated IP header"},
      {"no IP in IP", in_protocol(IpProto::ipv4_in_ip, Buffer(40)), "neither IPv4 nor IPv6"},
      {"17 MPLS labels", in_protocol(IpProto::mpls_in_ip, labelled(kMaxMplsLabels + 1, i4)),
       "too many MPLS labels"},
      {"9 VLAN tags", vxlan(ethernet(i4, std::vector<uint16_t>(kMaxInnerTags + 1, 7))),
       "too many VLAN tags"},
      {"inner TCP header that lies",
       in_protocol(IpProto::ipv4_in_ip, ipv4().tcp(1, 2).lie8(32, 0xf0).build()),
       "bad TCP data offset"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const Result<InnerPacket> found = find_inner(view(c.in));
    ASSERT_FALSE(found);
    EXPECT_STREQ(found.error().text(), c.error);
  }
}

TEST(Tunnel, nesting_is_bounded) {
  Buffer packet = inner4();
  for (uint32_t i = 0; i < kMaxTunnels; ++i) packet = in_protocol(IpProto::ipv4_in_ip, packet);
  EXPECT_EQ(find_inner(view(packet))->tunnels, kMaxTunnels);
  const Result<InnerPacket> found = find_inner(view(in_protocol(IpProto::ipv4_in_ip, packet)));
  ASSERT_FALSE(found);
  EXPECT_STREQ(found.error().text(), "too many tunnels");
}

TEST(Tunnel, a_packet_that_is_cut_off_in_a_header_is_an_error_and_no_further_read) {
  for (const InnerCase& c : inner_cases()) {
    SCOPED_TRACE(c.what);
    const size_t payload = find_inner(view(c.in))->payload.offset;
    for (size_t size = 0; size < c.in.size(); ++size) {
      // An exact copy on the heap lets AddressSanitizer see a read past the end.
      const Buffer in(c.in.begin(), c.in.begin() + ptrdiff_t(size));
      const Result<InnerPacket> found = find_inner(view(in));
      EXPECT_EQ(found && found->tunnels == c.tunnels, size >= payload) << size;
      // Without a length, what is cut off may as well be short.
      const bool has_length = c.in[0] >> 4 == 6 || load_be16(&c.in[2]) != 0;
      if (has_length) {
        EXPECT_EQ(bool(found), size >= payload) << size;
      }
    }
  }
}

}  // namespace
}  // namespace nflua
