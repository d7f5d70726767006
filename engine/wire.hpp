// SPDX-License-Identifier: GPL-2.0-or-later
// What IP packets look like: header parsing and checksums, pure functions over bytes.
//
// Every parser takes the bytes that are there (a capture may have cut the packet) and the lengths
// that the headers claim, believes neither without the other, and returns an Error for a header
// that is cut off or lies. Offsets and sizes are in bytes from the first byte of the IP header.
// Source: RFC 791, 8200 (IPv4, IPv6), 9293 (TCP), 768 (UDP), 792, 4443 (ICMP), 1071 (checksum).
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"

namespace nflua {

enum class Family : uint8_t { ipv4 = 4, ipv6 = 6 };

/// Values that have no name here are as valid: the number is the IANA's.
enum class IpProto : uint8_t {
  hop_by_hop = 0,
  icmp = 1,
  tcp = 6,
  udp = 17,
  routing = 43,
  fragment = 44,
  esp = 50,
  authentication = 51,
  icmpv6 = 58,
  no_next_header = 59,
  destination_options = 60,
  dccp = 33,
  sctp = 132,
  udplite = 136,
};

enum class EtherType : uint16_t {
  ipv4 = 0x0800,
  vlan = 0x8100,
  ipv6 = 0x86dd,
  qinq = 0x88a8,
};

struct Address {
  Family family = Family::ipv4;
  /// Network order; IPv4 uses the first four, the rest are zero.
  uint8_t bytes[16] = {};

  constexpr size_t size() const { return family == Family::ipv4 ? 4 : 16; }
  friend constexpr bool operator==(const Address&, const Address&) = default;
};

/// Who talks to whom: what conntrack calls a tuple, in one direction.
struct Tuple {
  IpProto protocol{};
  Address source;
  Address destination;
  /// False: the protocol has no ports, or this is a later fragment; the ports are 0.
  bool has_ports = false;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;

  friend constexpr bool operator==(const Tuple&, const Tuple&) = default;
};

}  // namespace nflua
