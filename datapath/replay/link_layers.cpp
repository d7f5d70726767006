// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/link_layers.hpp"

#include "engine/wire.hpp"

namespace nflua::replay {
namespace {

constexpr uint16_t kMplsUnicast = 0x8847;
constexpr uint16_t kMplsMulticast = 0x8848;
constexpr uint16_t kPppoeSession = 0x8864;
/// What devices use before the EtherType 88a8 was agreed on.
constexpr uint16_t kOldQinq = 0x9100;

constexpr uint8_t kUnnumberedInformation = 3;  // of LLC, HDLC and their kin
constexpr uint8_t kAllStations = 0xff;
constexpr uint8_t kCiscoUnicast = 0x0f;
constexpr uint8_t kCiscoBroadcast = 0x8f;

SplitFrame not_ip(MutableBytes frame) { return without_packet(FrameKind::not_ip, frame); }
SplitFrame cut_off(MutableBytes frame) { return without_packet(FrameKind::cut_off, frame); }

bool is_vlan_tag(uint16_t ether_type) {
  return ether_type == uint16_t(EtherType::vlan) || ether_type == uint16_t(EtherType::qinq) ||
         ether_type == kOldQinq;
}

/// Of the length field that lies right in front of `at` and counts from there.
SplitFrame with_length_before(SplitFrame split, size_t at) {
  if (split.kind == FrameKind::ip && split.length.at == 0)
    split.length = {uint32_t(at - 2), uint32_t(at), false, false};
  return split;
}

}  // namespace

SplitFrame split_ether_type(MutableBytes frame, uint16_t ether_type, size_t at) {
  if (ether_type == uint16_t(EtherType::ipv4)) return ip_at(frame, at);  // most frames
  constexpr size_t kTagBytes = 4;  // priority and VLAN, then the next EtherType
  while (is_vlan_tag(ether_type)) {
    if (!Bytes(frame).has(at, kTagBytes)) return cut_off(frame);
    ether_type = Bytes(frame).be16(at + 2);
    at += kTagBytes;
  }
  switch (ether_type) {
    case uint16_t(EtherType::ipv4):
    case uint16_t(EtherType::ipv6):
      return ip_at(frame, at);
    case kMplsUnicast:
    case kMplsMulticast:
      return split_mpls(frame, at);
    case kPppoeSession:
      return split_pppoe(frame, at);
    default:
      return ether_type < kLeastEtherType ? with_length_before(split_llc(frame, at), at)
                                          : not_ip(frame);
  }
}

SplitFrame split_ethernet(MutableBytes frame, size_t at) {
  constexpr size_t kHeaderBytes = 14;
  if (!Bytes(frame).has(at, kHeaderBytes)) return cut_off(frame);
  return split_ether_type(frame, Bytes(frame).be16(at + 12), at + kHeaderBytes);
}

SplitFrame split_llc(MutableBytes frame, size_t at) {
  constexpr size_t kLlcBytes = 3;  // both access points, control
  constexpr size_t kSnapBytes = 8;
  constexpr uint16_t kSnapPoints = 0xaaaa;
  constexpr uint16_t kIpPoints = 0x0606;
  constexpr uint32_t kEtherTypeFollows = 0;
  constexpr uint32_t kBridgeTunnel = 0xf8;  // 802.1H: EtherTypes as well
  const Bytes bytes = frame;
  if (!bytes.has(at, kLlcBytes)) return cut_off(frame);
  const uint16_t points = bytes.be16(at);
  if (bytes[at + 2] != kUnnumberedInformation) return not_ip(frame);
  if (points == kIpPoints) return ip_at(frame, at + kLlcBytes);
  if (points != kSnapPoints) return not_ip(frame);
  if (!bytes.has(at, kSnapBytes)) return cut_off(frame);
  const uint32_t organization = bytes.be32(at + 2) & 0xff'ffff;
  const uint16_t ether_type = bytes.be16(at + 6);
  // A length can't stand here, and another LLC header would never end.
  if (organization != kEtherTypeFollows && organization != kBridgeTunnel) return not_ip(frame);
  if (ether_type < kLeastEtherType) return not_ip(frame);
  return split_ether_type(frame, ether_type, at + kSnapBytes);
}

SplitFrame split_ppp(MutableBytes frame, size_t at) {
  const Bytes bytes = frame;
  if (bytes.has(at, 2) && bytes[at] == kAllStations && bytes[at + 1] == kUnnumberedInformation)
    at += 2;
  if (!bytes.has(at, 1)) return cut_off(frame);
  // A protocol's number ends in the first byte that is odd.
  const bool is_short = bytes[at] % 2 == 1;
  if (!is_short && !bytes.has(at, 2)) return cut_off(frame);
  const uint16_t protocol = is_short ? uint16_t{bytes[at]} : bytes.be16(at);
  at += is_short ? 1 : 2;
  switch (protocol) {
    case 0x0021:
    case 0x0057:
      return ip_at(frame, at);
    case 0x0281:
    case 0x0283:
      return split_mpls(frame, at);
    default:
      return not_ip(frame);
  }
}

SplitFrame split_ppp_or_hdlc(MutableBytes frame, size_t at) {
  if (!Bytes(frame).has(at, 1)) return cut_off(frame);
  const uint8_t address = frame[at];
  const bool is_cisco = address == kCiscoUnicast || address == kCiscoBroadcast;
  return is_cisco ? split_cisco_hdlc(frame, at) : split_ppp(frame, at);
}

SplitFrame split_cisco_hdlc(MutableBytes frame, size_t at) {
  constexpr size_t kHeaderBytes = 4;  // address, control, EtherType
  if (!Bytes(frame).has(at, kHeaderBytes)) return cut_off(frame);
  const uint16_t ether_type = Bytes(frame).be16(at + 2);
  if (ether_type < kLeastEtherType) return not_ip(frame);
  return split_ether_type(frame, ether_type, at + kHeaderBytes);
}

SplitFrame split_pppoe(MutableBytes frame, size_t at) {
  constexpr size_t kHeaderBytes = 6;  // version and type, code, session, length
  constexpr uint8_t kVersionAndType = 0x11;
  constexpr uint8_t kSessionData = 0;
  if (!Bytes(frame).has(at, kHeaderBytes)) return cut_off(frame);
  if (frame[at] != kVersionAndType || frame[at + 1] != kSessionData) return not_ip(frame);
  const size_t ppp = at + kHeaderBytes;
  return with_length_before(split_ppp(frame, ppp), ppp);
}

SplitFrame split_mpls(MutableBytes frame, size_t at) {
  constexpr size_t kLabelBytes = 4;
  constexpr uint8_t kBottomOfStack = 1;
  const Bytes bytes = frame;
  bool is_last = false;
  for (; !is_last; at += kLabelBytes) {
    if (!bytes.has(at, kLabelBytes)) return cut_off(frame);
    is_last = bytes[at + 2] & kBottomOfStack;
  }
  if (!bytes.has(at, 1)) return cut_off(frame);
  // No label says what it carries. Other things than IP begin with other digits.
  const uint8_t version = bytes[at] >> 4;
  const uint8_t header_words = bytes[at] & 0xf;
  const bool is_ip = version == 6 || (version == 4 && header_words >= kIpv4HeaderBytes / 4);
  return is_ip ? ip_at(frame, at) : not_ip(frame);
}

namespace {

/// `at`: behind Frame Relay's NLPID of SNAP: an organization and what it numbers.
SplitFrame split_frame_relay_snap(MutableBytes frame, size_t at) {
  constexpr size_t kSnapBytes = 5;
  constexpr uint32_t kBridged = 0x80c2;
  constexpr uint16_t kEthernetWithSum = 1;
  constexpr uint16_t kEthernetWithoutSum = 7;
  const Bytes bytes = frame;
  if (!bytes.has(at, kSnapBytes)) return cut_off(frame);
  const uint32_t organization = bytes.be32(at) >> 8;
  const uint16_t kind = bytes.be16(at + 3);
  const size_t inner = at + kSnapBytes;
  if (organization == 0 && kind >= kLeastEtherType) return split_ether_type(frame, kind, inner);
  if (organization == kBridged && (kind == kEthernetWithSum || kind == kEthernetWithoutSum))
    return split_ethernet(frame, inner);
  return not_ip(frame);
}

/// Bytes of a Frame Relay address, whose last one is odd. 0: cut off, or too long.
size_t frame_relay_address_bytes(Bytes frame, size_t at) {
  constexpr size_t kMaxAddressBytes = 4;
  for (size_t i = 0; i < kMaxAddressBytes && frame.has(at + i, 1); ++i)
    if (frame[at + i] & 1) return i + 1;
  return 0;
}

}  // namespace

SplitFrame split_frame_relay(MutableBytes frame, size_t at) {
  constexpr uint8_t kIpv4 = 0xcc;
  constexpr uint8_t kIpv6 = 0x8e;
  constexpr uint8_t kPpp = 0xcf;
  constexpr uint8_t kSnap = 0x80;
  const Bytes bytes = frame;
  const size_t address_bytes = frame_relay_address_bytes(bytes, at);
  at += address_bytes;
  if (address_bytes == 0 || !bytes.has(at, 2)) return cut_off(frame);
  if (bytes[at] != kUnnumberedInformation) {
    const uint16_t ether_type = bytes.be16(at);
    if (ether_type < kLeastEtherType) return not_ip(frame);
    return split_ether_type(frame, ether_type, at + 2);
  }
  ++at;
  if (bytes[at] == 0) ++at;  // a pad, which evens the header out
  if (!bytes.has(at, 1)) return cut_off(frame);
  switch (bytes[at]) {
    case kIpv4:
    case kIpv6:
      return ip_at(frame, at + 1);
    case kPpp:
      return split_ppp(frame, at + 1);
    case kSnap:
      return split_frame_relay_snap(frame, at + 1);
    default:
      return not_ip(frame);
  }
}

}  // namespace nflua::replay
