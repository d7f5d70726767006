// SPDX-License-Identifier: GPL-2.0-or-later
// What IP packets look like: header parsing, pure functions over bytes. Checksums are in
// engine/checksum.hpp, addresses as text in engine/address.hpp.
//
// Every parser takes the bytes that are there (a capture may have cut the packet) and the lengths
// that the headers claim, believes neither without the other, and returns an Error for a header
// that is cut off or lies. Offsets and sizes are in bytes from the first byte of the IP header.
// Source: RFC 791, 8200 (IPv4, IPv6), 9293 (TCP), 768 (UDP), 792, 4443 (ICMP).
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"

namespace nflua {

enum class Family : uint8_t { ipv4 = 4, ipv6 = 6 };

/// A packet of which `bytes` may be only the beginning, as captures and queues cut packets.
struct SeenPacket {
  Bytes bytes;
  /// Units: bytes of the whole packet; never less than bytes.size().
  size_t whole_bytes = 0;

  constexpr SeenPacket(Bytes whole) : bytes(whole), whole_bytes(whole.size()) {}
  constexpr SeenPacket(Bytes beginning, size_t whole) : bytes(beginning), whole_bytes(whole) {}
};

/// Values that have no name here are as valid: the number is the IANA's.
enum class IpProto : uint8_t {
  hop_by_hop = 0,
  icmp = 1,
  ipv4_in_ip = 4,
  tcp = 6,
  udp = 17,
  dccp = 33,
  ipv6_in_ip = 41,
  routing = 43,
  fragment = 44,
  gre = 47,
  esp = 50,
  authentication = 51,
  icmpv6 = 58,
  no_next_header = 59,
  destination_options = 60,
  sctp = 132,
  udplite = 136,
  mpls_in_ip = 137,
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

inline constexpr size_t kIpv4HeaderBytes = 20;
inline constexpr size_t kIpv6HeaderBytes = 40;
inline constexpr size_t kTcpHeaderBytes = 20;
inline constexpr size_t kUdpHeaderBytes = 8;

/// What the headers of the network layer say. Without the addresses: most users don't need them,
/// and copying them costs more than all else.
struct IpHeader {
  Family family = Family::ipv4;
  /// Of what follows the headers. Of a later fragment: what its fragment header names.
  IpProto protocol{};
  /// IPv6: a routing header has segments left, so `destination` is not the last one.
  bool is_source_routed = false;
  bool more_fragments = false;
  /// Units: bytes.
  uint32_t fragment_offset = 0;
  /// Options and extension headers included; all of them are there.
  size_t header_bytes = 0;
  /// What the length field claims, or IPv6's jumbo payload option; never less than header_bytes.
  size_t packet_bytes = 0;
  /// The length field is 0, which Linux writes into a bundle of segments of more than 64 KiB (BIG
  /// TCP) or one with a tunnel's headers in front. Without a jumbo payload option it claims all
  /// bytes of the packet.
  bool is_length_zero = false;

  constexpr bool is_later_fragment() const { return fragment_offset != 0; }
  constexpr bool is_fragment() const { return more_fragments || is_later_fragment(); }
};

/// Reads the IPv4 header, or the IPv6 header and the extension headers that Linux's
/// ipv6_skip_exthdr() walks (mobility, HIP and shim6 headers count as protocols, as there).
/// The packet may be cut off after these headers. Errors: a header is cut off or lies.
Result<IpHeader> parse_ip(Bytes packet);
/// Here a length field of 0 stands for the whole packet, not for what is there of it.
Result<IpHeader> parse_ip(const SeenPacket& packet);

/// IPv6's jumbo payload option (RFC 2675 section 2): its type, its length, and 4 bytes of what
/// follows the IPv6 header. Empty: there is none among the first kMaxJumboOptions options.
Bytes jumbo_option(Bytes packet);

/// The addresses in the network-layer header. Requires: parse_ip(packet) succeeded.
Address source_address(Bytes packet);
Address destination_address(Bytes packet);

/// `bytes` without what follows the IP packet (link padding); all of them if the length lies.
Bytes ip_packet(Bytes bytes);

/// Errors: as parse_ip(); ports that are cut off.
Result<Tuple> parse_tuple(Bytes packet);

enum class TcpFlag : uint8_t { fin = 1, syn = 2, rst = 4, psh = 8, ack = 16 };

struct TcpHeader {
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint32_t sequence = 0;
  uint32_t acknowledgment = 0;
  uint8_t flags = 0;
  uint16_t window = 0;
  /// Options included; all of them are there.
  size_t header_bytes = 0;

  constexpr bool has(TcpFlag flag) const { return flags & uint8_t(flag); }
};

/// Reads the header that `segment` begins with. Errors: cut off, bad data offset.
Result<TcpHeader> parse_tcp(Bytes segment);

/// The maximum segment size among a TCP header's options; 0: it is not there. Units: bytes.
/// Requires: `header` is header_bytes of a successful parse_tcp().
size_t tcp_mss(Bytes header);

/// A part of a packet.
struct Payload {
  size_t offset = 0;
  size_t size = 0;
};

/// What the transport header carries (TCP, UDP), else (also in a later fragment) what the IP
/// headers carry; bounded by the claimed lengths and by what is there. A UDP length that lies is an
/// error, as for Linux's __udp4_lib_rcv(). Errors: as parse_ip(); transport header cut off or
/// lying.
Result<Payload> find_payload(Bytes packet);

/// What the UDP header's length field says of a datagram's size. Of a first fragment, the whole
/// datagram's. 0: it lies. Requires: `ip` is of a UDP packet, not a later fragment.
size_t udp_datagram_bytes(const IpHeader& ip, uint16_t length_field);

/// Whether it is TCP and its segment is not empty. Not of a later fragment.
/// Errors: as find_payload().
Result<bool> carries_tcp_payload(Bytes packet);

}  // namespace nflua
