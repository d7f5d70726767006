// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/link.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace nflua::replay {
namespace {

using Frame = std::vector<uint8_t>;

Frame operator+(Frame a, const Frame& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Frame kMacs(12, 0xaa);
const Frame kIp = {0x45, 1, 2, 3};
const Frame kAddress(8, 0xbb);
const Frame kSnap = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
const Frame kPppoe = {0x11, 0, 0, 7, 0, 6};
const Frame kRadiotap = {0, 0, 8, 0, 0, 0, 0, 0};
const Frame kAvs = Frame{0x80, 0x21, 0x10, 1, 0, 0, 0, 64} + Frame(56);

/// A version 1 cooked header of a kind of device.
Frame cooked(uint16_t device, uint16_t protocol) {
  return Frame{0, 0, uint8_t(device >> 8), uint8_t(device), 0, 6} + kAddress +
         Frame{uint8_t(protocol >> 8), uint8_t(protocol)};
}

/// An 802.11 header with three addresses, of the first fragment.
Frame wifi(uint8_t type, uint8_t flags) { return Frame{type, flags} + Frame(22); }

MutableBytes bytes_of(Frame& frame) { return {frame.data(), frame.size()}; }

TEST(link, finds_where_ip_starts) {
  struct {
    const char* what;
    uint16_t link_type;
    Frame header;
    FrameKind kind;
  } const cases[] = {
      {"ethernet, IPv4", 1, kMacs + Frame{8, 0}, FrameKind::ip},
      {"ethernet, IPv6", 1, kMacs + Frame{0x86, 0xdd}, FrameKind::ip},
      {"VLAN", 1, kMacs + Frame{0x81, 0, 0, 5, 8, 0}, FrameKind::ip},
      {"QinQ", 1, kMacs + Frame{0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0}, FrameKind::ip},
      {"nested 8100", 1, kMacs + Frame{0x81, 0, 0, 5, 0x81, 0, 0, 6, 8, 0}, FrameKind::ip},
      {"old QinQ", 1, kMacs + Frame{0x91, 0, 0, 5, 0x86, 0xdd}, FrameKind::ip},
      {"ARP", 1, kMacs + Frame{8, 6}, FrameKind::not_ip},
      {"ARP in a VLAN", 1, kMacs + Frame{0x81, 0, 0, 5, 8, 6}, FrameKind::not_ip},
      {"802.3, SNAP", 1, kMacs + Frame{0, 12} + kSnap, FrameKind::ip},
      {"802.3 in a VLAN", 1, kMacs + Frame{0x81, 0, 0, 5, 0, 12} + kSnap, FrameKind::ip},
      {"802.3, IP's own access point", 1, kMacs + Frame{0, 7, 6, 6, 3}, FrameKind::ip},
      {"802.3, spanning tree", 1, kMacs + Frame{0, 7, 0x42, 0x42, 3}, FrameKind::not_ip},
      {"802.3, SNAP of Cisco", 1, kMacs + Frame{0, 12, 0xaa, 0xaa, 3, 0, 0, 12, 8, 0},
       FrameKind::not_ip},
      {"802.1H", 1, kMacs + Frame{0, 12, 0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0}, FrameKind::ip},
      {"SNAP that names a length", 1, kMacs + Frame{0, 12, 0xaa, 0xaa, 3, 0, 0, 0, 0, 8},
       FrameKind::not_ip},
      {"PPPoE", 1, kMacs + Frame{0x88, 0x64} + kPppoe + Frame{0, 0x21}, FrameKind::ip},
      {"PPPoE, IPv6", 1, kMacs + Frame{0x88, 0x64} + kPppoe + Frame{0, 0x57}, FrameKind::ip},
      {"PPPoE in a VLAN", 1, kMacs + Frame{0x81, 0, 0, 5, 0x88, 0x64} + kPppoe + Frame{0, 0x21},
       FrameKind::ip},
      {"PPPoE in QinQ", 1,
       kMacs + Frame{0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 0x88, 0x64} + kPppoe + Frame{0, 0x21},
       FrameKind::ip},
      {"PPPoE, short protocol", 1, kMacs + Frame{0x88, 0x64} + kPppoe + Frame{0x21}, FrameKind::ip},
      {"PPPoE, MPLS", 1, kMacs + Frame{0x88, 0x64} + kPppoe + Frame{2, 0x81, 0, 1, 1, 64},
       FrameKind::ip},
      {"PPPoE, LCP", 1, kMacs + Frame{0x88, 0x64} + kPppoe + Frame{0xc0, 0x21}, FrameKind::not_ip},
      {"PPPoE, no session's data", 1, kMacs + Frame{0x88, 0x64, 0x11, 7, 0, 1, 0, 6, 0, 0x21},
       FrameKind::not_ip},
      {"PPPoE's discovery", 1, kMacs + Frame{0x88, 0x63} + kPppoe + Frame{0, 0x21},
       FrameKind::not_ip},
      {"MPLS", 1, kMacs + Frame{0x88, 0x47, 0, 1, 1, 64}, FrameKind::ip},
      {"MPLS, three labels", 1, kMacs + Frame{0x88, 0x48, 0, 1, 0, 64, 0, 2, 0, 64, 0, 3, 1, 64},
       FrameKind::ip},
      {"MPLS in a VLAN", 1, kMacs + Frame{0x81, 0, 0, 5, 0x88, 0x47, 0, 1, 1, 64}, FrameKind::ip},
      {"MPLS, a control word", 1, kMacs + Frame{0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0},
       FrameKind::not_ip},
      {"MPLS, what begins with 4", 1, kMacs + Frame{0x88, 0x47, 0, 1, 1, 64, 0x42},
       FrameKind::not_ip},
      {"cooked, IPv4", 113, Frame{0, 0, 0, 1, 0, 6} + kAddress + Frame{8, 0}, FrameKind::ip},
      {"cooked, VLAN", 113, Frame{0, 0, 0, 1, 0, 6} + kAddress + Frame{0x81, 0, 0, 5, 8, 0},
       FrameKind::ip},
      {"cooked, LLC", 113, Frame{0, 0, 0, 1, 0, 6} + kAddress + Frame{0, 4}, FrameKind::not_ip},
      {"cooked, netlink", 113, Frame{0, 0, 3, 0x38, 0, 6} + kAddress + Frame{8, 0},
       FrameKind::not_ip},
      {"cooked 2, IPv6", 276, Frame{0x86, 0xdd, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6} + kAddress,
       FrameKind::ip},
      {"cooked 2, VLAN", 276,
       Frame{0x81, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6} + kAddress + Frame{0, 5, 8, 0}, FrameKind::ip},
      {"raw", 101, {}, FrameKind::ip},
      {"raw of BSD", 12, {}, FrameKind::ip},
      {"raw of OpenBSD", 14, {}, FrameKind::ip},
      {"raw IPv4", 228, {}, FrameKind::ip},
      {"raw IPv6", 229, {}, FrameKind::ip},
      {"null, little", 0, {2, 0, 0, 0}, FrameKind::ip},
      {"null, big", 0, {0, 0, 0, 30}, FrameKind::ip},
      {"null, FreeBSD's IPv6", 0, {28, 0, 0, 0}, FrameKind::ip},
      {"null, not IP", 0, {7, 0, 0, 0}, FrameKind::not_ip},
      {"null, Windows's IPv6", 0, {23, 0, 0, 0}, FrameKind::ip},
      {"loop, OpenBSD's IPv6", 108, {0, 0, 0, 24}, FrameKind::ip},
      {"cooked, tunnel", 113, cooked(768, 0x0800), FrameKind::ip},
      {"cooked, no hardware", 113, cooked(0xfffe, 0x86dd), FrameKind::ip},
      {"cooked, MPLS", 113, cooked(1, 0x8847) + Frame{0, 1, 1, 64}, FrameKind::ip},
      {"cooked, PPPoE", 113, cooked(1, 0x8864) + kPppoe + Frame{0, 0x21}, FrameKind::ip},
      {"cooked, SNAP", 113, cooked(1, 4) + kSnap, FrameKind::ip},
      {"cooked, 802.3 without LLC", 113, cooked(1, 1) + kSnap, FrameKind::not_ip},
      {"cooked, CAN", 113, cooked(280, 0xc) + kSnap, FrameKind::not_ip},
      {"cooked, PPP of a WAN", 113, cooked(512, 7) + Frame{0xff, 3, 0, 0x21}, FrameKind::ip},
      {"cooked, GRE", 113, cooked(778, 0x0800), FrameKind::ip},
      {"cooked, Ethernet in GRE", 113, cooked(778, 0x6558) + kMacs + Frame{8, 0}, FrameKind::ip},
      {"cooked, Frame Relay", 113, cooked(770, 0) + Frame{0x18, 0x41, 3, 0xcc}, FrameKind::ip},
      {"cooked, 802.11", 113, cooked(801, 4) + wifi(8, 2) + kSnap, FrameKind::ip},
      {"cooked, Prism", 113, cooked(802, 4) + Frame(144) + wifi(8, 2) + kSnap, FrameKind::ip},
      {"cooked, radiotap", 113, cooked(803, 4) + kRadiotap + wifi(8, 2) + kSnap, FrameKind::ip},
      {"cooked 2, radiotap", 276,
       Frame{0, 4, 0, 0, 0, 0, 0, 2, 3, 35, 0, 6} + kAddress + kRadiotap + wifi(8, 2) + kSnap,
       FrameKind::ip},
      {"PPP", 9, {0, 0x21}, FrameKind::ip},
      {"PPP with HDLC's header", 9, {0xff, 3, 0, 0x57}, FrameKind::ip},
      {"PPP, compressed TCP", 9, {0, 0x2d}, FrameKind::not_ip},
      {"PPP over HDLC", 50, {0xff, 3, 0, 0x21}, FrameKind::ip},
      {"PPP over HDLC, short protocol", 50, {0xff, 3, 0x21}, FrameKind::ip},
      {"PPP over HDLC, Cisco", 50, {0x0f, 0, 8, 0}, FrameKind::ip},
      {"PPP over HDLC, Cisco's keepalive", 50, {0x8f, 0, 0x80, 0x35}, FrameKind::not_ip},
      {"PPPoE without Ethernet", 51, kPppoe + Frame{0, 0x21}, FrameKind::ip},
      {"PPP of pppd", 166, {0, 3, 0, 0x21}, FrameKind::ip},
      {"PPP with direction", 204, {1, 0xff, 3, 0, 0x21}, FrameKind::ip},
      {"Cisco HDLC", 104, {0x0f, 0, 8, 0}, FrameKind::ip},
      {"Cisco HDLC, IPv6", 104, {0x8f, 0, 0x86, 0xdd}, FrameKind::ip},
      {"Cisco HDLC, MPLS", 104, {0x0f, 0, 0x88, 0x47, 0, 1, 1, 64}, FrameKind::ip},
      {"Cisco HDLC, OSI", 104, {0x0f, 0, 0xfe, 0xfe}, FrameKind::not_ip},
      {"Cisco HDLC with direction", 205, {1, 0x0f, 0, 8, 0}, FrameKind::ip},
      {"Frame Relay, IPv4", 107, {0x18, 0x41, 3, 0xcc}, FrameKind::ip},
      {"Frame Relay, IPv6", 107, {0x18, 0x41, 3, 0x8e}, FrameKind::ip},
      {"Frame Relay, a long address", 107, {0x18, 0x40, 0, 1, 3, 0xcc}, FrameKind::ip},
      {"Frame Relay, SNAP", 107, {0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0}, FrameKind::ip},
      {"Frame Relay, bridged", 107,
       Frame{0x18, 0x41, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7} + kMacs + Frame{8, 0}, FrameKind::ip},
      {"Frame Relay, PPP", 107, {0x18, 0x41, 3, 0xcf, 0, 0x21}, FrameKind::ip},
      {"Frame Relay, Cisco", 107, {0x18, 0x41, 8, 0}, FrameKind::ip},
      {"Frame Relay, signalling", 107, {0, 1, 3, 8}, FrameKind::not_ip},
      {"Frame Relay with direction", 206, {1, 0x18, 0x41, 3, 0xcc}, FrameKind::ip},
      {"802.11", 105, wifi(8, 2) + kSnap, FrameKind::ip},
      {"802.11, to the access point", 105, wifi(8, 1) + kSnap, FrameKind::ip},
      {"802.11, four addresses", 105, wifi(8, 3) + Frame(6) + kSnap, FrameKind::ip},
      {"802.11, QoS", 105, wifi(0x88, 2) + Frame(2) + kSnap, FrameKind::ip},
      {"802.11, QoS and four addresses", 105, wifi(0x88, 3) + Frame(8) + kSnap, FrameKind::ip},
      {"802.11, HT control", 105, wifi(0x88, 0x82) + Frame(6) + kSnap, FrameKind::ip},
      {"802.11, one of an A-MSDU", 105,
       wifi(0x88, 2) + Frame{0x80, 0} + kMacs + Frame{0, 12} + kSnap, FrameKind::ip},
      {"802.11, ARP", 105, wifi(8, 2) + Frame{0xaa, 0xaa, 3, 0, 0, 0, 8, 6}, FrameKind::not_ip},
      {"802.11, protected", 105, wifi(8, 0x42) + kSnap, FrameKind::encrypted},
      {"802.11, without data", 105, wifi(0x48, 2) + kSnap, FrameKind::not_ip},
      {"802.11, a later fragment", 105, Frame{8, 2} + Frame(20) + Frame{1, 0} + kSnap,
       FrameKind::not_ip},
      {"802.11, beacon", 105, wifi(0x80, 0) + kSnap, FrameKind::not_ip},
      {"802.11, acknowledgement", 105, Frame{0xd4, 0} + Frame(8), FrameKind::not_ip},
      {"radiotap", 127, kRadiotap + wifi(8, 2) + kSnap, FrameKind::ip},
      {"radiotap, padded after the time", 127,
       Frame{0, 0, 17, 0, 3, 0, 0, 0} + Frame(8) + Frame{0x20} + wifi(0x88, 2) + Frame(4) + kSnap,
       FrameKind::ip},
      {"radiotap, padded, more fields announced", 127,
       Frame{0, 0, 13, 0, 2, 0, 0, 0x80, 0, 0, 0, 0, 0x20} + wifi(0x88, 2) + Frame(4) + kSnap,
       FrameKind::ip},
      {"radiotap, not padded", 127,
       Frame{0, 0, 9, 0, 2, 0, 0, 0, 0x10} + wifi(0x88, 2) + Frame(2) + kSnap, FrameKind::ip},
      {"radiotap, protected", 127, kRadiotap + wifi(8, 0x41) + kSnap, FrameKind::encrypted},
      {"Prism", 119, Frame(144) + wifi(8, 2) + kSnap, FrameKind::ip},
      {"AVS in Prism's place", 119, kAvs + wifi(8, 2) + kSnap, FrameKind::ip},
      {"AVS", 163, kAvs + wifi(8, 2) + kSnap, FrameKind::ip},
      {"PPI", 192, Frame{0, 0, 10, 0, 105, 0, 0, 0, 1, 2} + wifi(8, 2) + kSnap, FrameKind::ip},
      {"PPI, Bluetooth", 192, {0, 0, 8, 0, 201, 0, 0, 0}, FrameKind::not_ip},
      {"PKTAP", 258, Frame{13, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9} + Frame{30, 0, 0, 0},
       FrameKind::ip},
      {"token ring", 6, Frame(14) + kSnap, FrameKind::ip},
      {"token ring with a route", 6, Frame(8) + Frame{0x80} + Frame(5) + Frame{4, 0, 0, 0} + kSnap,
       FrameKind::ip},
      {"FDDI", 10, Frame(13) + kSnap, FrameKind::ip},
      {"ATM", 100, kSnap, FrameKind::ip},
      {"IPsec of OpenBSD", 109, Frame{2, 0, 0, 0} + Frame(8), FrameKind::ip},
      {"OpenBSD's packet filter", 117, Frame{61, 2} + Frame(62), FrameKind::ip},
      {"FireWire", 138, Frame(16) + Frame{8, 0}, FrameKind::ip},
      {"IP over InfiniBand", 242, Frame(40) + Frame{8, 0, 0, 0}, FrameKind::ip},
      {"InfiniBand, ARP", 242, Frame(40) + Frame{8, 6, 0, 0}, FrameKind::not_ip},
      {"SLIP", 8, Frame(16), FrameKind::ip},
      {"MPLS alone", 219, {0, 1, 1, 64}, FrameKind::ip},
      {"IPNET", 226, Frame{1, 2} + Frame(22), FrameKind::ip},
      {"IPNET, IPv6", 226, Frame{1, 26} + Frame(22), FrameKind::ip},
      {"IPNET, neither", 226, Frame{1, 9} + Frame(22), FrameKind::not_ip},
  };
  for (const auto& test : cases) {
    EXPECT_TRUE(reads_link_type(LinkType(test.link_type))) << test.what;
    Frame frame = test.header + kIp;
    SplitFrame split = split_frame(LinkType(test.link_type), {frame.data(), frame.size()});
    EXPECT_EQ(split.kind, test.kind) << test.what;
    EXPECT_EQ(split.header.data(), frame.data()) << test.what;
    bool is_ip = test.kind == FrameKind::ip;
    EXPECT_EQ(split.packet.size(), is_ip ? kIp.size() : 0u) << test.what;
    EXPECT_EQ(split.header.size(), is_ip ? test.header.size() : frame.size()) << test.what;
  }
}

TEST(link, says_when_the_header_is_cut_off) {
  const Frame double_tag = kMacs + Frame{0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0};
  struct {
    uint16_t link_type;
    Frame header;
  } const cases[] = {
      {1, double_tag},
      {1, kMacs + Frame{0x88, 0x64} + kPppoe + Frame{0, 0x21}},
      {1, kMacs + Frame{0x88, 0x47, 0, 1, 0, 64, 0, 1, 1, 64, 0x45}},
      {1, kMacs + Frame{0, 12} + kSnap},
      {113, Frame(16)},
      {276, Frame(20)},
      {0, Frame(4)},
      {101, Frame(1)},
      {104, {0x0f, 0, 8, 0}},
      {9, {0, 0x21}},
      {107, {0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0}},
      {105, wifi(0x88, 3) + Frame{0, 0, 0, 0, 0, 0, 0x80, 0} + kMacs + Frame{0, 12} + kSnap},
      {127, Frame{0, 0, 16, 0, 1, 0, 0, 0} + Frame(8) + wifi(8, 2) + kSnap},
      {119, Frame(144) + wifi(8, 2) + kSnap},
      {192, Frame{0, 0, 10, 0, 105, 0, 0, 0, 1, 2} + wifi(8, 2) + kSnap},
      {226, Frame{1, 2} + Frame(22)},
      {242, Frame(40) + Frame{8, 0, 0, 0}},
      {8, Frame(16)},
      {117, Frame{61, 2} + Frame(62)},
  };
  for (const auto& test : cases) {
    for (size_t size = 0; size < test.header.size(); ++size) {
      // A block of exactly this size: AddressSanitizer sees a read past its end.
      Frame frame(test.header.begin(), test.header.begin() + std::ptrdiff_t(size));
      EXPECT_EQ(split_frame(LinkType(test.link_type), bytes_of(frame)).kind, FrameKind::cut_off)
          << test.link_type << ": " << size;
    }
  }
}

TEST(link, lengths_that_lie_lead_nowhere) {
  struct {
    const char* what;
    uint16_t link_type;
    Frame frame;
    FrameKind kind;
  } const cases[] = {
      {"radiotap, less than its own header", 127, Frame{0, 0, 4, 0} + Frame(60), FrameKind::not_ip},
      {"radiotap, of another version", 127, Frame{9, 0, 8, 0} + Frame(60), FrameKind::not_ip},
      {"radiotap, more than there is", 127, Frame{0, 0, 0xff, 0xff} + Frame(60),
       FrameKind::cut_off},
      {"radiotap, all is presence", 127, Frame{0, 0, 24, 0} + Frame(40, 0xff), FrameKind::not_ip},
      {"AVS", 163, Frame{0x80, 0x21, 0x10, 1, 0xff, 0xff, 0xff, 0xff} + Frame(60),
       FrameKind::cut_off},
      {"AVS, nothing", 163, Frame(60), FrameKind::not_ip},
      {"PPI, nothing", 192, Frame(60), FrameKind::not_ip},
      {"PPI in PPI", 192, Frame{0, 0, 8, 0, 192, 0, 0, 0} + Frame(60), FrameKind::not_ip},
      {"PPI, no such link type", 192, Frame{0, 0, 8, 0, 1, 0, 1, 0} + Frame(60), FrameKind::not_ip},
      {"PKTAP", 258, Frame(12, 0xff), FrameKind::cut_off},
      {"Frame Relay, an address without end", 107, Frame(60), FrameKind::cut_off},
      {"token ring, a route past the end", 6, Frame(8) + Frame(10, 0xff), FrameKind::cut_off},
      {"labels without end", 219, Frame(60), FrameKind::cut_off},
      {"OpenBSD's packet filter, too short", 117, Frame(60), FrameKind::not_ip},
  };
  for (const auto& test : cases) {
    Frame frame = test.frame;
    EXPECT_EQ(split_frame(LinkType(test.link_type), bytes_of(frame)).kind, test.kind) << test.what;
  }
}

TEST(link, of_an_aggregate_the_first_ip_packet_is_the_packet) {
  const Frame first = kMacs + Frame{0, 12} + kSnap + kIp;
  const Frame header = wifi(0x88, 2) + Frame{0x80, 0};
  Frame one = header + first + Frame{1, 2, 3, 4};  // a frame check sequence
  SplitFrame split = split_frame(LinkType{105}, bytes_of(one));
  EXPECT_EQ(split.kind, FrameKind::ip);
  EXPECT_EQ(split.packet.size(), kIp.size());
  EXPECT_EQ(split.trailer.size(), 4u);
  EXPECT_FALSE(split.has_more_packets);
  Frame two = header + first + Frame(2) + first;
  split = split_frame(LinkType{105}, bytes_of(two));
  EXPECT_EQ(split.packet.size(), kIp.size());
  EXPECT_EQ(split.trailer.size(), 2 + first.size());
  EXPECT_TRUE(split.has_more_packets);
  const Frame arp =
      kMacs + Frame{0, 12} + Frame{0xaa, 0xaa, 3, 0, 0, 0, 8, 6} + Frame(4) + Frame(2);
  Frame behind = header + arp + first;
  split = split_frame(LinkType{105}, bytes_of(behind));
  EXPECT_EQ(split.kind, FrameKind::ip);
  EXPECT_EQ(split.packet.size(), kIp.size());
  EXPECT_EQ(split.length.at, (header + arp + kMacs).size());
  EXPECT_TRUE(split.has_more_packets);
  Frame none = header + arp + arp;
  EXPECT_EQ(split_frame(LinkType{105}, bytes_of(none)).kind, FrameKind::not_ip);
}

TEST(link, a_length_in_the_header_follows_the_packets) {
  const Frame subframe = kMacs + Frame{0, 12} + kSnap;
  struct {
    const char* what;
    uint16_t link_type;
    Frame before;
    Frame after;
  } const cases[] = {
      {"none", 1, kMacs + Frame{8, 0}, kMacs + Frame{8, 0}},
      {"802.3", 1, kMacs + Frame{0, 12} + kSnap, kMacs + Frame{1, 8} + kSnap},
      {"PPPoE", 1, kMacs + Frame{0x88, 0x64, 0x11, 0, 0, 7, 0, 6, 0, 0x21},
       kMacs + Frame{0x88, 0x64, 0x11, 0, 0, 7, 1, 2, 0, 0x21}},
      {"A-MSDU", 105, wifi(0x88, 2) + Frame{0x80, 0} + subframe,
       wifi(0x88, 2) + Frame{0x80, 0} + kMacs + Frame{1, 8} + kSnap},
      {"NFLOG", 239, {2, 0, 0, 1, 8, 0, 9, 0}, {2, 0, 0, 1, 4, 1, 9, 0}},
      {"NFLOG, the other byte order", 239, {2, 0, 0, 1, 0, 8, 0, 9}, {2, 0, 0, 1, 1, 4, 0, 9}},
  };
  for (const auto& test : cases) {
    Frame frame = test.before + kIp;
    const SplitFrame split = split_frame(LinkType(test.link_type), bytes_of(frame));
    ASSERT_EQ(split.kind, FrameKind::ip) << test.what;
    set_length(split.length, split.header, 256);
    EXPECT_EQ(frame, test.after + kIp) << test.what;
  }
}

TEST(link, names_link_types_as_libpcap_does) {
  EXPECT_EQ(link_type_name(LinkType{220}), "USB_LINUX_MMAPPED (220)");
  EXPECT_EQ(link_type_name(LinkType{101}), "RAW (101)");
  EXPECT_EQ(link_type_name(LinkType{65535}), "65535");
  EXPECT_EQ(link_type_pcap_name(LinkType{65535}), "");
}

TEST(link, does_not_read_what_carries_no_ip) {
  constexpr uint16_t kOthers[] = {2, 147, 189, 195, 201, 220, 249, 65535};
  for (const uint16_t link_type : kOthers) {
    EXPECT_FALSE(reads_link_type(LinkType(link_type))) << link_type;
    Frame frame(100, 0x45);
    const SplitFrame split = split_frame(LinkType(link_type), bytes_of(frame));
    EXPECT_EQ(split.kind, FrameKind::unknown) << link_type;
    EXPECT_EQ(split.header.size(), frame.size()) << link_type;
  }
}

}  // namespace
}  // namespace nflua::replay
