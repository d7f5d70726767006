// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace nflua::replay {
namespace {

using testing::HasSubstr;
using Frame = std::vector<uint8_t>;

Frame operator+(Frame a, const Frame& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Frame kMacs(12, 0xaa);
const Frame kIp = {0x45, 1, 2, 3};
const Frame kAddress(8, 0xbb);

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
      {"PPPoE", 1, kMacs + Frame{0x88, 0x64}, FrameKind::not_ip},
      {"LLC, SNAP", 1, kMacs + Frame{0, 8, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, FrameKind::not_ip},
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
      {"loop, OpenBSD's IPv6", 108, {0, 0, 0, 24}, FrameKind::ip},
  };
  for (const auto& test : cases) {
    EXPECT_FALSE(check_link_type(LinkType(test.link_type), "x")) << test.what;
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
      {1, double_tag}, {113, Frame(16)}, {276, Frame(20)}, {0, Frame(4)}, {101, Frame(1)},
  };
  for (const auto& test : cases) {
    for (size_t size = 0; size < test.header.size(); ++size) {
      Frame frame(test.header.begin(), test.header.begin() + std::ptrdiff_t(size));
      EXPECT_EQ(split_frame(LinkType(test.link_type), {frame.data(), size}).kind,
                FrameKind::cut_off)
          << test.link_type << ": " << size;
    }
  }
}

TEST(link, names_a_link_type_that_it_does_not_know) {
  EXPECT_THAT(check_link_type(LinkType{105}, "x.pcap").message(),
              HasSubstr("x.pcap: link type IEEE802_11 (105), expected Ethernet"));
  EXPECT_THAT(check_link_type(LinkType{65535}, "x.pcap").message(), HasSubstr("link type 65535,"));
}

}  // namespace
}  // namespace nflua::replay
