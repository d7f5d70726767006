// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/tunnel.hpp"

#include "engine/limits.hpp"

namespace nflua {
namespace {

// EtherTypes beyond those of wire.hpp.
constexpr uint16_t kBridgedEthernet = 0x6558;
constexpr uint16_t kMplsUnicast = 0x8847;
constexpr uint16_t kMplsMulticast = 0x8848;

// UDP ports; the second VXLAN one is what Linux took before IANA had chosen.
constexpr uint16_t kVxlanPort = 4789;
constexpr uint16_t kOldVxlanPort = 8472;
constexpr uint16_t kGenevePort = 6081;
constexpr uint16_t kMplsPort = 6635;

constexpr size_t kEthernetBytes = 14;
constexpr size_t kTypeInEthernet = 12;
constexpr size_t kTagBytes = 4;
constexpr size_t kLabelBytes = 4;

// GRE's flags and version, and the bytes that it has at least and for each optional field.
constexpr uint16_t kGreChecksum = 0x8000;
constexpr uint16_t kGreRouting = 0x4000;
constexpr uint16_t kGreKey = 0x2000;
constexpr uint16_t kGreSequence = 0x1000;
constexpr uint16_t kGreVersion = 0x0007;
constexpr size_t kGreBytes = 4;
constexpr size_t kGreFieldBytes = 4;

constexpr size_t kVxlanBytes = 8;
constexpr uint8_t kVxlanHasId = 0x08;
constexpr size_t kGeneveBytes = 8;
constexpr uint8_t kGeneveOptionWords = 0x3f;

/// A packet that may carry another, and what was found of that.
struct Carrier {
  /// As much as is there of what the IP header claims, which may be more.
  Bytes bytes;
  size_t claimed_bytes;
  /// Offset of the packet inside; 0: there is none.
  size_t inner = 0;

  /// Whether so many bytes are a part of the packet, be they there or not.
  bool claims(size_t at, size_t count) const {
    return at <= claimed_bytes && count <= claimed_bytes - at;
  }
};

constexpr Error kCutTunnel{"truncated tunnel header"};

Error find_behind_labels(Carrier& carrier, size_t at) {
  for (uint32_t i = 0; i < kMaxMplsLabels; ++i) {
    if (!carrier.bytes.has(at, kLabelBytes)) return kCutTunnel;
    const bool is_last = carrier.bytes[at + 2] & 1;
    at += kLabelBytes;
    if (!is_last) continue;
    if (!carrier.bytes.has(at, 1)) return kCutTunnel;
    // The label alone says what follows it, to those who gave it out; all else looks at this.
    const uint8_t version = carrier.bytes[at] >> 4;
    if (version == 4 || version == 6) carrier.inner = at;
    return {};
  }
  return Error("too many MPLS labels");
}

bool is_tag(uint16_t type) {
  constexpr uint16_t kOldQinqType = 0x9100;
  return type == uint16_t(EtherType::vlan) || type == uint16_t(EtherType::qinq) ||
         type == kOldQinqType;
}

Error find_by_type(Carrier& carrier, uint16_t type, size_t at) {
  for (uint32_t i = 0; is_tag(type); ++i) {
    if (i == kMaxInnerTags) return Error("too many VLAN tags");
    if (!carrier.bytes.has(at, kTagBytes)) return kCutTunnel;
    type = carrier.bytes.be16(at + 2);
    at += kTagBytes;
  }
  if (type == kMplsUnicast || type == kMplsMulticast) return find_behind_labels(carrier, at);
  if (type == uint16_t(EtherType::ipv4) || type == uint16_t(EtherType::ipv6)) carrier.inner = at;
  return {};
}

Error find_in_ethernet(Carrier& carrier, size_t at) {
  if (!carrier.bytes.has(at, kEthernetBytes)) return kCutTunnel;
  return find_by_type(carrier, carrier.bytes.be16(at + kTypeInEthernet), at + kEthernetBytes);
}

/// `type`: an EtherType, which may stand for a whole frame.
Error find_bridged(Carrier& carrier, uint16_t type, size_t at) {
  return type == kBridgedEthernet ? find_in_ethernet(carrier, at) : find_by_type(carrier, type, at);
}

Error find_in_gre(Carrier& carrier, size_t at) {
  if (!carrier.bytes.has(at, kGreBytes)) return kCutTunnel;
  const uint16_t flags = carrier.bytes.be16(at);
  // Version 1 is PPTP's, which carries PPP.
  if (flags & (kGreVersion | kGreRouting)) return {};
  size_t size = kGreBytes;
  constexpr uint16_t kFields[] = {kGreChecksum, kGreKey, kGreSequence};
  for (const uint16_t flag : kFields)
    if (flags & flag) size += kGreFieldBytes;
  return find_bridged(carrier, carrier.bytes.be16(at + 2), at + size);
}

Error find_in_vxlan(Carrier& carrier, size_t at) {
  if (!carrier.claims(at, kVxlanBytes)) return {};
  if (!carrier.bytes.has(at, kVxlanBytes)) return kCutTunnel;
  if (!(carrier.bytes[at] & kVxlanHasId)) return {};
  return find_in_ethernet(carrier, at + kVxlanBytes);
}

Error find_in_geneve(Carrier& carrier, size_t at) {
  if (!carrier.claims(at, kGeneveBytes)) return {};
  if (!carrier.bytes.has(at, kGeneveBytes)) return kCutTunnel;
  const uint8_t first = carrier.bytes[at];
  if (first & ~kGeneveOptionWords) return {};  // another version
  const size_t size = kGeneveBytes + size_t(first & kGeneveOptionWords) * 4;
  return find_bridged(carrier, carrier.bytes.be16(at + 2), at + size);
}

Error find_in_udp(Carrier& carrier, size_t at) {
  if (!carrier.bytes.has(at, kUdpHeaderBytes)) return Error("truncated UDP header");
  const size_t body = at + kUdpHeaderBytes;
  switch (carrier.bytes.be16(at + 2)) {
    case kVxlanPort:
    case kOldVxlanPort:
      return find_in_vxlan(carrier, body);
    case kGenevePort:
      return find_in_geneve(carrier, body);
    case kMplsPort:
      return carrier.claims(body, kLabelBytes) ? find_behind_labels(carrier, body) : Error();
    default:
      return {};
  }
}

/// Finds what the packet carries. Nothing: no bytes, without an address.
Result<Bytes> open_tunnel(Bytes packet) {
  const Result<IpHeader> ip = parse_ip(packet);
  if (!ip) return ip.error();
  if (ip->is_later_fragment()) return Bytes();
  Carrier carrier{packet.first(ip->packet_bytes), ip->packet_bytes};
  Error error;
  switch (ip->protocol) {
    case IpProto::ipv4_in_ip:
    case IpProto::ipv6_in_ip:
      carrier.inner = ip->header_bytes;
      break;
    case IpProto::gre:
      error = find_in_gre(carrier, ip->header_bytes);
      break;
    case IpProto::mpls_in_ip:
      error = find_behind_labels(carrier, ip->header_bytes);
      break;
    case IpProto::udp:
      error = find_in_udp(carrier, ip->header_bytes);
      break;
    default:
      break;
  }
  if (error) return error;
  if (carrier.inner == 0) return Bytes();
  if (!carrier.bytes.has(carrier.inner, 1)) return Error("truncated IP header");
  return ip_packet(carrier.bytes.sub(carrier.inner));
}

}  // namespace

Result<InnerPacket> find_inner(Bytes packet) {
  InnerPacket inner;
  Bytes innermost = packet;
  for (;; ++inner.tunnels) {
    const Result<Bytes> next = open_tunnel(innermost);
    if (!next) return next.error();
    if (next->empty()) break;
    if (inner.tunnels == kMaxTunnels) return Error("too many tunnels");
    innermost = *next;
  }
  if (inner.tunnels == 0) return inner;
  const Result<Tuple> tuple = parse_tuple(innermost);
  if (!tuple) return tuple.error();
  const Result<Payload> payload = find_payload(innermost);
  if (!payload) return payload.error();
  inner.tuple = *tuple;
  inner.payload = {size_t(innermost.data() - packet.data()) + payload->offset, payload->size};
  return inner;
}

}  // namespace nflua
