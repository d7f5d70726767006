// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/wire.hpp"

#include "engine/limits.hpp"

namespace nflua {
namespace {

// IPv4: one word of flags and fragment offset (in units of 8 bytes).
constexpr uint16_t kIpv4MoreFragments = 0x2000;
constexpr uint16_t kIpv4OffsetMask = 0x1fff;
constexpr uint32_t kIpv4OffsetUnit = 8;
// IPv6's fragment header: the offset is in bytes once the low bits are off.
constexpr uint16_t kIpv6MoreFragments = 0x0001;
constexpr uint16_t kIpv6OffsetMask = 0xfff8;

/// All protocols with ports have them first: source, destination.
constexpr size_t kPortBytes = 4;
/// The least that an extension header takes, and its unit of length.
constexpr size_t kExtensionUnit = 8;

/// RFC 8200 section 4.2: Pad1 is the only option without a length. RFC 2675: the jumbo payload.
constexpr uint8_t kIpv6OptionPad1 = 0;
constexpr uint8_t kIpv6OptionJumbo = 0xc2;
constexpr size_t kIpv6OptionJumboBytes = 4;

constexpr uint8_t kTcpOptionEnd = 0;
constexpr uint8_t kTcpOptionNop = 1;
constexpr uint8_t kTcpOptionMss = 2;
constexpr size_t kTcpOptionMssBytes = 4;

constexpr size_t kIpv4SourceOffset = 12;
constexpr size_t kIpv4DestinationOffset = 16;
constexpr size_t kIpv6SourceOffset = 8;
constexpr size_t kIpv6DestinationOffset = 24;

bool is_ipv4(Bytes packet) { return packet[0] >> 4 == 4; }

bool has_ports(IpProto protocol) {
  switch (protocol) {
    case IpProto::tcp:
    case IpProto::udp:
    case IpProto::dccp:
    case IpProto::sctp:
    case IpProto::udplite:
      return true;
    default:
      return false;
  }
}

/// What an IPv6 header with a payload length of 0 claims.
size_t claimed_without_length(Bytes packet) {
  if (IpProto(packet[6]) == IpProto::no_next_header) return kIpv6HeaderBytes;
  const Bytes option = jumbo_option(packet);
  return option.empty() ? 0 : kIpv6HeaderBytes + size_t{option.be32(2)};
}

/// What the length field claims; 0: nothing usable, without saying why.
size_t claimed_bytes(Bytes packet) {
  if (packet.empty()) return 0;
  if (packet[0] >> 4 == 4 && packet.size() >= kIpv4HeaderBytes) return packet.be16(2);
  if (packet[0] >> 4 != 6 || packet.size() < kIpv6HeaderBytes) return 0;
  const size_t payload_bytes = packet.be16(4);
  return payload_bytes != 0 ? kIpv6HeaderBytes + payload_bytes : claimed_without_length(packet);
}

// The parsers fill their caller's struct: copying one that was written piece by piece stalls the
// CPU (store forwarding), which cost more than the parsing.
Error parse_ipv4(Bytes packet, size_t whole_bytes, IpHeader& ip) {
  if (packet.size() < kIpv4HeaderBytes) return Error("truncated IPv4 header");
  ip.family = Family::ipv4;
  ip.header_bytes = size_t(packet[0] & 0xf) * 4;
  if (ip.header_bytes < kIpv4HeaderBytes) return Error("bad IPv4 header length");
  if (packet.size() < ip.header_bytes) return Error("truncated IPv4 header");
  const size_t claimed = packet.be16(2);
  ip.is_length_zero = claimed == 0;
  ip.packet_bytes = claimed != 0 ? claimed : whole_bytes;
  if (ip.packet_bytes < ip.header_bytes) return Error("bad IPv4 total length");

  const uint16_t fragment = packet.be16(6);
  ip.more_fragments = fragment & kIpv4MoreFragments;
  ip.fragment_offset = (fragment & kIpv4OffsetMask) * kIpv4OffsetUnit;
  ip.protocol = IpProto(packet[9]);
  return {};
}

/// Whether Linux's ipv6_ext_hdr() counts it as an extension header that has a next one.
bool is_extension_header(IpProto protocol) {
  switch (protocol) {
    case IpProto::hop_by_hop:
    case IpProto::routing:
    case IpProto::fragment:
    case IpProto::authentication:
    case IpProto::destination_options:
      return true;
    default:
      return false;
  }
}

size_t extension_bytes(IpProto protocol, uint8_t length_field) {
  if (protocol == IpProto::fragment) return kExtensionUnit;
  // RFC 4302 section 2.2: 4-byte words, less 2.
  if (protocol == IpProto::authentication) return (size_t{length_field} + 2) * 4;
  return (size_t{length_field} + 1) * kExtensionUnit;
}

/// Takes the extension header at ip.header_bytes into `ip`.
Error add_extension_header(IpHeader& ip, Bytes packet) {
  const size_t at = ip.header_bytes;
  if (at + kExtensionUnit > ip.packet_bytes) return Error("bad IPv6 extension header length");
  if (!packet.has(at, kExtensionUnit)) return Error("truncated IPv6 extension header");
  const size_t size = extension_bytes(ip.protocol, packet[at + 1]);
  if (at + size > ip.packet_bytes) return Error("bad IPv6 extension header length");
  if (!packet.has(at, size)) return Error("truncated IPv6 extension header");

  if (ip.protocol == IpProto::fragment) {
    ip.more_fragments = packet.be16(at + 2) & kIpv6MoreFragments;
    ip.fragment_offset = packet.be16(at + 2) & kIpv6OffsetMask;
  } else if (ip.protocol == IpProto::routing && packet[at + 3] != 0) {
    ip.is_source_routed = true;
  }
  ip.protocol = IpProto(packet[at]);
  ip.header_bytes += size;
  return {};
}

Error parse_ipv6(Bytes packet, size_t whole_bytes, IpHeader& ip) {
  if (packet.size() < kIpv6HeaderBytes) return Error("truncated IPv6 header");
  ip.family = Family::ipv6;
  ip.header_bytes = kIpv6HeaderBytes;
  ip.is_length_zero = packet.be16(4) == 0;
  const size_t claimed = claimed_bytes(packet);
  ip.packet_bytes = claimed != 0 ? claimed : whole_bytes;
  ip.protocol = IpProto(packet[6]);

  // What follows a later fragment's header is the middle of something, whatever its name.
  for (uint32_t i = 0; is_extension_header(ip.protocol) && !ip.is_later_fragment(); i++) {
    if (i == kMaxExtensionHeaders) return Error("too many IPv6 extension headers");
    if (Error error = add_extension_header(ip, packet)) return error;
  }
  return {};
}

void set_address(Address& address, Family family, const uint8_t* from) {
  address.family = family;
  memcpy(address.bytes, from, family == Family::ipv4 ? 4 : 16);
}

void set_addresses(Tuple& tuple, Bytes packet, Family family) {
  const bool ipv4 = family == Family::ipv4;
  set_address(tuple.source, family, packet.data() + (ipv4 ? kIpv4SourceOffset : kIpv6SourceOffset));
  set_address(tuple.destination, family,
              packet.data() + (ipv4 ? kIpv4DestinationOffset : kIpv6DestinationOffset));
}

void set_ports(Tuple& tuple, const uint8_t* transport) {
  tuple.has_ports = true;
  tuple.source_port = load_be16(transport);
  tuple.destination_port = load_be16(transport + 2);
}

/// An unfragmented or first IPv4 packet without options that has ports: nearly every packet.
bool is_plain_ipv4(Bytes packet) {
  return packet.size() >= kIpv4HeaderBytes + kPortBytes && packet[0] == 0x45 &&
         (packet.be16(6) & kIpv4OffsetMask) == 0 && has_ports(IpProto(packet[9])) &&
         packet.be16(2) >= kIpv4HeaderBytes + kPortBytes;
}

Error parse_any_tuple(Bytes packet, Tuple& tuple) {
  const Result<IpHeader> ip = parse_ip(packet);
  if (!ip) return ip.error();
  tuple.protocol = ip->protocol;
  set_addresses(tuple, packet, ip->family);
  if (!has_ports(ip->protocol) || ip->is_later_fragment()) return {};
  const Bytes transport = packet.first(ip->packet_bytes).sub(ip->header_bytes);
  if (!transport.has(0, kPortBytes)) return Error("truncated transport header");
  set_ports(tuple, transport.data());
  return {};
}

Error parse_into(Bytes packet, size_t whole_bytes, IpHeader& ip) {
  if (packet.empty()) return Error("truncated IP header");
  switch (packet[0] >> 4) {
    case 4:
      return parse_ipv4(packet, whole_bytes, ip);
    case 6:
      return parse_ipv6(packet, whole_bytes, ip);
    default:
      return Error("neither IPv4 nor IPv6");
  }
}

Error parse_into(Bytes packet, size_t, Tuple& tuple) {
  if (!is_plain_ipv4(packet)) return parse_any_tuple(packet, tuple);
  tuple.protocol = IpProto(packet[9]);
  set_addresses(tuple, packet, Family::ipv4);
  set_ports(tuple, packet.data() + kIpv4HeaderBytes);
  return {};
}

template <class T>
Result<T> parse(Bytes packet, size_t whole_bytes) {
  Result<T> result{T{}};
  if (Error error = parse_into(packet, whole_bytes, *result)) result = error;
  return result;
}

/// `transport`: what is there of the segment, which is never less than claimed by the IP header.
Result<size_t> tcp_header_bytes(Bytes transport, size_t claimed) {
  if (!transport.has(0, kTcpHeaderBytes)) return Error("truncated TCP header");
  const size_t size = size_t(transport[12] >> 4) * 4;
  if (size < kTcpHeaderBytes || size > claimed) return Error("bad TCP data offset");
  if (transport.size() < size) return Error("truncated TCP header");
  return size;
}

Result<Payload> find_tcp_payload(const IpHeader& ip, Bytes transport) {
  const Result<size_t> size = tcp_header_bytes(transport, ip.packet_bytes - ip.header_bytes);
  if (!size) return size.error();
  return Payload{ip.header_bytes + *size, transport.size() - *size};
}

Result<Payload> find_udp_payload(const IpHeader& ip, Bytes transport) {
  if (!transport.has(0, kUdpHeaderBytes)) return Error("truncated UDP header");
  const size_t size = udp_datagram_bytes(ip, transport.be16(4));
  if (size == 0) return Error("bad UDP length");
  return Payload{ip.header_bytes + kUdpHeaderBytes,
                 least(size, transport.size()) - kUdpHeaderBytes};
}

}  // namespace

Result<IpHeader> parse_ip(Bytes packet) { return parse<IpHeader>(packet, packet.size()); }

Result<IpHeader> parse_ip(const SeenPacket& packet) {
  return parse<IpHeader>(packet.bytes, packet.whole_bytes);
}

Address source_address(Bytes packet) {
  const bool ipv4 = is_ipv4(packet);
  Address address;
  set_address(address, ipv4 ? Family::ipv4 : Family::ipv6,
              packet.data() + (ipv4 ? kIpv4SourceOffset : kIpv6SourceOffset));
  return address;
}

Address destination_address(Bytes packet) {
  const bool ipv4 = is_ipv4(packet);
  Address address;
  set_address(address, ipv4 ? Family::ipv4 : Family::ipv6,
              packet.data() + (ipv4 ? kIpv4DestinationOffset : kIpv6DestinationOffset));
  return address;
}

Bytes ip_packet(Bytes bytes) {
  const size_t claimed = claimed_bytes(bytes);
  return claimed >= kIpv4HeaderBytes ? bytes.first(claimed) : bytes;
}

Bytes jumbo_option(Bytes packet) {
  if (packet.size() < kIpv6HeaderBytes + kExtensionUnit || packet[0] >> 4 != 6) return {};
  if (IpProto(packet[6]) != IpProto::hop_by_hop) return {};
  const size_t size = extension_bytes(IpProto::hop_by_hop, packet[kIpv6HeaderBytes + 1]);
  Bytes options = packet.sub(kIpv6HeaderBytes, size).sub(2);
  for (uint32_t i = 0; i < kMaxJumboOptions && !options.empty(); ++i) {
    if (options[0] == kIpv6OptionPad1) {
      options = options.sub(1);
      continue;
    }
    if (!options.has(0, 2) || !options.has(2, options[1])) return {};
    const Bytes option = options.first(2 + size_t{options[1]});
    if (option[0] == kIpv6OptionJumbo && option[1] == kIpv6OptionJumboBytes) return option;
    options = options.sub(option.size());
  }
  return {};
}

Result<Tuple> parse_tuple(Bytes packet) { return parse<Tuple>(packet, packet.size()); }

Result<TcpHeader> parse_tcp(Bytes segment) {
  const Result<size_t> size = tcp_header_bytes(segment, segment.size());
  if (!size) return size.error();
  TcpHeader tcp;
  tcp.source_port = segment.be16(0);
  tcp.destination_port = segment.be16(2);
  tcp.sequence = segment.be32(4);
  tcp.acknowledgment = segment.be32(8);
  tcp.flags = segment[13];
  tcp.window = segment.be16(14);
  tcp.header_bytes = *size;
  return tcp;
}

size_t tcp_mss(Bytes header) {
  Bytes options = header.sub(kTcpHeaderBytes);
  while (!options.empty() && options[0] != kTcpOptionEnd) {
    if (options[0] == kTcpOptionNop) {
      options = options.sub(1);
      continue;
    }
    // A length below 2 would not get us on.
    if (!options.has(0, 2) || options[1] < 2 || !options.has(0, options[1])) return 0;
    if (options[0] == kTcpOptionMss && options[1] == kTcpOptionMssBytes) return options.be16(2);
    options = options.sub(options[1]);
  }
  return 0;
}

Result<Payload> find_payload(Bytes packet) {
  const Result<IpHeader> ip = parse_ip(packet);
  if (!ip) return ip.error();
  const Bytes transport = packet.first(ip->packet_bytes).sub(ip->header_bytes);
  if (ip->is_later_fragment()) return Payload{ip->header_bytes, transport.size()};
  if (ip->protocol == IpProto::udp) return find_udp_payload(*ip, transport);
  if (ip->protocol == IpProto::tcp) return find_tcp_payload(*ip, transport);
  return Payload{ip->header_bytes, transport.size()};
}

size_t udp_datagram_bytes(const IpHeader& ip, uint16_t length_field) {
  const size_t claimed = ip.packet_bytes - ip.header_bytes;
  size_t size = length_field;
  // RFC 2675 section 4: over IPv6, 0 stands for "up to the end". Linux writes it where IPv4's
  // length is 0, too.
  if (size == 0 && (ip.is_length_zero || ip.family == Family::ipv6)) size = claimed;
  if (size < kUdpHeaderBytes) return 0;
  // The length is the whole datagram's, of which a first fragment has only a part.
  return size > claimed && !ip.more_fragments ? 0 : size;
}

Result<bool> carries_tcp_payload(Bytes packet) {
  const Result<IpHeader> ip = parse_ip(packet);
  if (!ip) return ip.error();
  if (ip->protocol != IpProto::tcp || ip->is_later_fragment()) return false;
  const Bytes transport = packet.first(ip->packet_bytes).sub(ip->header_bytes);
  const Result<Payload> payload = find_tcp_payload(*ip, transport);
  if (!payload) return payload.error();
  return payload->size > 0;
}

}  // namespace nflua
