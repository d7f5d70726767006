// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/link.hpp"

#include <pcap/pcap.h>

#include <algorithm>

#include "engine/wire.hpp"

namespace nflua::replay {
namespace {

// LINKTYPE_ numbers. Captures of some systems hold raw IP under those systems' DLT_ numbers.
constexpr LinkType kNull{0};
constexpr LinkType kEthernet{1};
constexpr LinkType kRawBsd{12};
constexpr LinkType kRawOpenBsd{14};
constexpr LinkType kRaw{101};
constexpr LinkType kLoop{108};
constexpr LinkType kLinuxSll{113};
constexpr LinkType kIpv4{228};
constexpr LinkType kIpv6{229};
constexpr LinkType kLinuxSll2{276};

/// What devices use before the EtherType 88a8 was agreed on.
constexpr uint16_t kOldQinq = 0x9100;
constexpr uint16_t kArphrdNetlink = 824;  // its "protocol" is no EtherType

SplitFrame whole(FrameKind kind, MutableBytes frame) { return {kind, frame, {}}; }

SplitFrame ip_at(size_t offset, MutableBytes frame) {
  return {FrameKind::ip, frame.first(offset), frame.sub(offset)};
}

bool is_vlan_tag(uint16_t ether_type) {
  return ether_type == uint16_t(EtherType::vlan) || ether_type == uint16_t(EtherType::qinq) ||
         ether_type == kOldQinq;
}

// `offset`: of what follows the header that names `ether_type`.
SplitFrame split_tagged(MutableBytes frame, uint16_t ether_type, size_t offset) {
  constexpr size_t kTagBytes = 4;  // priority and VLAN, then the next EtherType
  while (is_vlan_tag(ether_type)) {
    if (!Bytes(frame).has(offset, kTagBytes)) return whole(FrameKind::cut_off, frame);
    ether_type = Bytes(frame).be16(offset + 2);
    offset += kTagBytes;
  }
  bool is_ip = ether_type == uint16_t(EtherType::ipv4) || ether_type == uint16_t(EtherType::ipv6);
  return is_ip ? ip_at(offset, frame) : whole(FrameKind::not_ip, frame);
}

SplitFrame split_ethernet(MutableBytes frame) {
  constexpr size_t kHeaderBytes = 14;
  if (frame.size() < kHeaderBytes) return whole(FrameKind::cut_off, frame);
  return split_tagged(frame, Bytes(frame).be16(12), kHeaderBytes);
}

SplitFrame split_cooked(MutableBytes frame, size_t header_bytes, size_t type_at, size_t device_at) {
  if (frame.size() < header_bytes) return whole(FrameKind::cut_off, frame);
  if (Bytes(frame).be16(device_at) == kArphrdNetlink) return whole(FrameKind::not_ip, frame);
  return split_tagged(frame, Bytes(frame).be16(type_at), header_bytes);
}

// An address family, in the byte order and with the number of the system that captured.
SplitFrame split_loopback(MutableBytes frame) {
  constexpr size_t kHeaderBytes = 4;
  constexpr uint32_t kLargestFamily = 0xffff;
  if (frame.size() < kHeaderBytes) return whole(FrameKind::cut_off, frame);
  uint32_t family = Bytes(frame).be32(0);
  if (family > kLargestFamily) family = __builtin_bswap32(family);
  switch (family) {
    case 2:   // IPv4 everywhere
    case 10:  // IPv6: Linux
    case 24:  // NetBSD, OpenBSD
    case 28:  // FreeBSD
    case 30:  // Darwin
      return ip_at(kHeaderBytes, frame);
    default:
      return whole(FrameKind::not_ip, frame);
  }
}

SplitFrame split_raw(MutableBytes frame) {
  return frame.empty() ? whole(FrameKind::cut_off, frame) : ip_at(0, frame);
}

}  // namespace

SplitFrame split_frame(LinkType link_type, MutableBytes frame) {
  switch (link_type) {
    case kEthernet:
      return split_ethernet(frame);
    case kLinuxSll:
      return split_cooked(frame, 16, 14, 2);
    case kLinuxSll2:
      return split_cooked(frame, 20, 0, 8);
    case kNull:
    case kLoop:
      return split_loopback(frame);
    default:
      return split_raw(frame);
  }
}

void reverse_header(LinkType link_type, MutableBytes header) {
  constexpr size_t kMacBytes = 6;
  constexpr uint8_t kOutgoing = 4;
  if (link_type == kEthernet)
    std::swap_ranges(header.data(), header.data() + kMacBytes, header.data() + kMacBytes);
  else if (link_type == kLinuxSll)
    store_be16(header.data(), kOutgoing);
  else if (link_type == kLinuxSll2)
    header[10] = kOutgoing;
}

int pcap_link_type(LinkType link_type) {
  const bool is_raw = link_type == kRaw || link_type == kRawOpenBsd;
  return is_raw ? DLT_RAW : int(link_type);
}

std::string link_type_name(LinkType link_type) {
  const std::string number = std::to_string(uint16_t(link_type));
  const char* name = pcap_datalink_val_to_name(pcap_link_type(link_type));
  return name ? name + (" (" + number + ")") : number;
}

Failure check_link_type(LinkType link_type, const std::string& capture) {
  switch (link_type) {
    case kNull:
    case kEthernet:
    case kRawBsd:
    case kRawOpenBsd:
    case kRaw:
    case kLoop:
    case kLinuxSll:
    case kIpv4:
    case kIpv6:
    case kLinuxSll2:
      return {};
  }
  return Failure(capture + ": link type " + link_type_name(link_type) +
                 ", expected Ethernet, Linux cooked (v1, v2), raw IP or loopback; record on such a "
                 "device, or on \"any\"");
}

}  // namespace nflua::replay
