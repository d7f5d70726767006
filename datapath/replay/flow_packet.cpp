// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/flow_packet.hpp"

#include <string.h>

#include <tuple>

namespace nflua::replay {
namespace {

/// An ICMP question and its answer. Source: nf_conntrack_proto_icmp.c, …_icmpv6.c (invmap).
struct IcmpQuery {
  IpProto protocol;
  uint8_t request;
  uint8_t answer;
};

constexpr IcmpQuery kIcmpQueries[] = {
    {IpProto::icmp, 8, 0},        // echo
    {IpProto::icmp, 13, 14},      // timestamp
    {IpProto::icmp, 15, 16},      // information
    {IpProto::icmp, 17, 18},      // address mask
    {IpProto::icmpv6, 128, 129},  // echo
    {IpProto::icmpv6, 139, 140},  // node information
};

constexpr size_t kIcmpHeaderBytes = 8;

bool is_icmp(IpProto protocol) { return protocol == IpProto::icmp || protocol == IpProto::icmpv6; }

const IcmpQuery* find_query(IpProto protocol, uint8_t type) {
  for (const IcmpQuery& query : kIcmpQueries)
    if (query.protocol == protocol && (type == query.request || type == query.answer))
      return &query;
  return nullptr;
}

bool is_icmp_error(IpProto protocol, uint8_t type) {
  if (protocol == IpProto::icmpv6) return type >= 1 && type <= 4;
  // Unreachable, source quench, redirect, time exceeded, parameter problem.
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/// Addresses stay where they are: copying them out of a packet piece by piece and reading them as
/// words costs more than all else here.
struct RawTuple {
  Family family;
  IpProto protocol;
  const uint8_t* source;
  const uint8_t* destination;
  uint16_t source_port;
  uint16_t destination_port;
};

/// One end of a connection, in an order that only has to be the same each time.
struct End {
  uint64_t address[2] = {};
  uint16_t port;

  End(Family family, const uint8_t* from, uint16_t port_number) : port(port_number) {
    if (family == Family::ipv4) {
      uint32_t ipv4;
      memcpy(&ipv4, from, sizeof ipv4);
      address[0] = ipv4;
    } else {
      memcpy(address, from, sizeof address);
    }
  }
  bool operator<(const End& other) const {
    return std::tie(address[0], address[1], port) <
           std::tie(other.address[0], other.address[1], other.port);
  }
};

// Two hosts may ping each other with one identifier: who asks is a part of the key.
void add_icmp_query(const RawTuple& tuple, bool is_to_itself, OrientedKey& oriented) {
  uint8_t type = uint8_t(tuple.destination_port >> 8);
  const IcmpQuery* query = find_query(tuple.protocol, type);
  bool is_answer = query && type == query->answer;
  bool asked_by_higher_end = !is_to_itself && oriented.is_flipped != is_answer;
  oriented.key.words[4] |=
      uint64_t{query ? query->request : type} << 8 | uint64_t{asked_by_higher_end};
  oriented.may_start = query && !is_answer;
  oriented.is_flipped = is_answer;
}

void make_key(const RawTuple& tuple, OrientedKey& oriented) {
  bool icmp = is_icmp(tuple.protocol);
  const End source(tuple.family, tuple.source, tuple.source_port);
  // An ICMP identifier belongs to both ends.
  const End destination(tuple.family, tuple.destination,
                        icmp ? tuple.source_port : tuple.destination_port);
  oriented.is_flipped = destination < source;
  const End& low = oriented.is_flipped ? destination : source;
  const End& high = oriented.is_flipped ? source : destination;
  auto& words = oriented.key.words;
  words[0] = low.address[0];
  words[1] = low.address[1];
  words[2] = high.address[0];
  words[3] = high.address[1];
  words[4] = uint64_t{low.port} << 48 | uint64_t{high.port} << 32 |
             uint64_t{uint8_t(tuple.protocol)} << 24 | uint64_t{uint8_t(tuple.family)} << 16;
  if (icmp) add_icmp_query(tuple, !(low < high), oriented);
}

// Of a packet that may be no more than an ICMP error's quotation: 8 bytes of transport header.
// Requires: parse_ip(packet) gave `ip`.
Untracked read_key(const IpHeader& ip, Bytes packet, OrientedKey& key) {
  bool has_ports = ip.protocol == IpProto::tcp || ip.protocol == IpProto::udp;
  if (!has_ports && !is_icmp(ip.protocol)) return Untracked::protocol;
  Bytes transport = packet.sub(ip.header_bytes);
  if (!transport.has(0, kIcmpHeaderBytes)) return Untracked::bad_header;
  bool is_ipv4 = ip.family == Family::ipv4;
  const uint8_t* addresses = packet.data() + (is_ipv4 ? 12 : 8);
  RawTuple tuple{ip.family,         ip.protocol,      addresses, addresses + (is_ipv4 ? 4 : 16),
                 transport.be16(0), transport.be16(2)};
  if (!has_ports) {
    if (!find_query(ip.protocol, transport[0])) return Untracked::icmp_type;
    tuple.source_port = transport.be16(4);       // identifier
    tuple.destination_port = transport.be16(0);  // type and code
  }
  make_key(tuple, key);
  return Untracked::no;
}

Untracked read_icmp_error(Bytes quoted, FlowPacket& packet) {
  Result<IpHeader> ip = parse_ip(quoted);
  if (!ip) return Untracked::bad_header;
  packet.is_icmp_error = true;
  bool has_key = !ip->is_later_fragment() && read_key(*ip, quoted, packet.key) == Untracked::no;
  return has_key ? Untracked::no : Untracked::unrelated;
}

// Not parse_tcp(): captures with a short snap length often cut off TCP's options, which only matter
// for the MSS.
Untracked read_transport(const IpHeader& ip, Bytes transport, FlowPacket& packet) {
  if (packet.protocol == IpProto::tcp) {
    if (transport.size() < kTcpHeaderBytes) return Untracked::bad_header;
    size_t header_bytes = size_t(transport[12] >> 4) * 4;
    if (header_bytes < kTcpHeaderBytes || header_bytes > ip.packet_bytes - ip.header_bytes)
      return Untracked::bad_header;
    packet.event = tcp_event(transport[13]);
    bool is_syn = packet.event == TcpEvent::syn || packet.event == TcpEvent::syn_ack;
    if (is_syn && transport.size() >= header_bytes)
      packet.mss = uint16_t(tcp_mss(transport.first(header_bytes)));
    return packet.event == TcpEvent::invalid ? Untracked::out_of_state : Untracked::no;
  }
  if (packet.protocol == IpProto::udp) {
    uint16_t length = transport.be16(4);
    // Linux refuses a length of 0, which only stands for something where the IP length is 0, too.
    if (length == 0 && !ip.is_length_zero) return Untracked::bad_header;
    if (udp_datagram_bytes(ip, length) == 0) return Untracked::bad_header;
  }
  return Untracked::no;
}

Untracked read(const SeenPacket& seen, FlowPacket& packet) {
  Result<IpHeader> ip = parse_ip(seen);
  if (!ip) return Untracked::bad_header;
  if (ip->is_fragment()) return Untracked::fragment;
  Bytes there = seen.bytes.first(ip->packet_bytes);
  Bytes transport = there.sub(ip->header_bytes);
  if (is_icmp(ip->protocol) && transport.has(0, kIcmpHeaderBytes) &&
      is_icmp_error(ip->protocol, transport[0]))
    return read_icmp_error(transport.sub(kIcmpHeaderBytes), packet);
  packet.protocol = ip->protocol;
  packet.ip_bytes = ip->packet_bytes;
  Untracked reason = read_key(*ip, there, packet.key);
  if (reason != Untracked::no) return reason;
  return read_transport(*ip, transport, packet);
}

}  // namespace

// One object from here to the caller: a copy of what was just written in pieces stalls.
FlowPacket read_flow_packet(const SeenPacket& seen) {
  FlowPacket packet;
  packet.reason = read(seen, packet);
  return packet;
}

OrientedKey flow_key(const Tuple& tuple) {
  OrientedKey oriented;
  make_key({tuple.source.family, tuple.protocol, tuple.source.bytes, tuple.destination.bytes,
            tuple.source_port, tuple.destination_port},
           oriented);
  return oriented;
}

}  // namespace nflua::replay
