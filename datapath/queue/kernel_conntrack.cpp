// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/kernel_conntrack.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include <cstring>

#include "datapath/queue/attributes.hpp"

namespace nflua::queue {

namespace {

constexpr Error kNotFound{"connid entry not found"};

/// A look-up that the kernel does not answer must not stop the packets. Units: seconds.
constexpr time_t kAnswerTimeoutS = 1;

/// Of the identifier in an echo's header. Units: bytes.
constexpr size_t kIcmpIdOffset = 4;

int family_of(const Tuple& tuple) {
  return tuple.source.family == Family::ipv4 ? AF_INET : AF_INET6;
}

bool is_icmp(IpProto protocol) { return protocol == IpProto::icmp || protocol == IpProto::icmpv6; }

void put_icmp(nlmsghdr* message, IpProto protocol, const IcmpQuery& icmp) {
  const bool is_v4 = protocol == IpProto::icmp;
  mnl_attr_put_u16(message, is_v4 ? CTA_PROTO_ICMP_ID : CTA_PROTO_ICMPV6_ID, htons(icmp.id));
  mnl_attr_put_u8(message, is_v4 ? CTA_PROTO_ICMP_TYPE : CTA_PROTO_ICMPV6_TYPE, icmp.type);
  mnl_attr_put_u8(message, is_v4 ? CTA_PROTO_ICMP_CODE : CTA_PROTO_ICMPV6_CODE, icmp.code);
}

// The kernel looks for the tuple of either direction, whichever attribute has it. A zone inside it
// is that direction's alone.
void put_tuple(nlmsghdr* message, const Tuple& tuple, const IcmpQuery& icmp, const Zone& zone) {
  const bool is_v4 = tuple.source.family == Family::ipv4;
  const bool is_one_sided = zone.id != 0 && zone.side != ZoneSide::both;
  if (zone.id != 0 && !is_one_sided) mnl_attr_put_u16(message, CTA_ZONE, htons(zone.id));
  nlattr* whole =
      mnl_attr_nest_start(message, zone.side == ZoneSide::reply ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG);
  if (is_one_sided) mnl_attr_put_u16(message, CTA_TUPLE_ZONE, htons(zone.id));
  nlattr* part = mnl_attr_nest_start(message, CTA_TUPLE_IP);
  mnl_attr_put(message, is_v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, tuple.source.size(),
               tuple.source.bytes);
  mnl_attr_put(message, is_v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, tuple.destination.size(),
               tuple.destination.bytes);
  mnl_attr_nest_end(message, part);
  part = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
  mnl_attr_put_u8(message, CTA_PROTO_NUM, uint8_t(tuple.protocol));
  if (is_icmp(tuple.protocol)) {
    put_icmp(message, tuple.protocol, icmp);
  } else {
    mnl_attr_put_u16(message, CTA_PROTO_SRC_PORT, htons(tuple.source_port));
    mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(tuple.destination_port));
  }
  mnl_attr_nest_end(message, part);
  mnl_attr_nest_end(message, whole);
}

/// Where a packet is cut off, what is not there counts as 0.
IcmpQuery read_icmp(Bytes packet) {
  const Result<IpHeader> ip = parse_ip(packet);
  const Bytes header = packet.sub(ip ? ip->header_bytes : packet.size());
  if (!header.has(0, kIcmpIdOffset + sizeof(uint16_t))) return {};
  return {header[0], header[1], header.be16(kIcmpIdOffset)};
}

/// The type of what answers a query, and of the query that an answer is for.
uint8_t opposite_type(uint8_t type) {
  switch (type) {
    case ICMP_ECHO:
      return ICMP_ECHOREPLY;
    case ICMP_ECHOREPLY:
      return ICMP_ECHO;
    case ICMP6_ECHO_REQUEST:
      return ICMP6_ECHO_REPLY;
    case ICMP6_ECHO_REPLY:
      return ICMP6_ECHO_REQUEST;
    default:
      return type;
  }
}

void read_address(Bytes value, Family family, Address& address) {
  address = {family, {}};
  if (value.size() == address.size()) memcpy(address.bytes, value.data(), value.size());
}

void read_addresses(Bytes attributes, Tuple& tuple) {
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    if (type == CTA_IP_V4_SRC) read_address(value, Family::ipv4, tuple.source);
    if (type == CTA_IP_V4_DST) read_address(value, Family::ipv4, tuple.destination);
    if (type == CTA_IP_V6_SRC) read_address(value, Family::ipv6, tuple.source);
    if (type == CTA_IP_V6_DST) read_address(value, Family::ipv6, tuple.destination);
  });
}

void read_ports(Bytes attributes, Tuple& tuple) {
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    if (type == CTA_PROTO_NUM && value.has(0, 1)) tuple.protocol = IpProto(value[0]);
    if (!value.has(0, sizeof(uint16_t))) return;
    if (type == CTA_PROTO_SRC_PORT) tuple.source_port = value.be16(0);
    if (type == CTA_PROTO_DST_PORT) tuple.destination_port = value.be16(0);
    if (type == CTA_PROTO_SRC_PORT || type == CTA_PROTO_DST_PORT) tuple.has_ports = true;
  });
}

Tuple read_tuple(Bytes attributes) {
  Tuple tuple;
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    if (type == CTA_TUPLE_IP) read_addresses(value, tuple);
    if (type == CTA_TUPLE_PROTO) read_ports(value, tuple);
  });
  return tuple;
}

/// Returns whether there were any: not where accounting is off.
bool read_counters(Bytes attributes, uint64_t& packets, uint64_t& bytes) {
  bool found = false;
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    if (!value.has(0, sizeof(uint64_t))) return;
    if (type == CTA_COUNTERS_PACKETS) packets = load_be64(value.data());
    if (type == CTA_COUNTERS_BYTES) bytes = load_be64(value.data());
    found = true;
  });
  return found;
}

}  // namespace

Outcome<KernelConntrack> KernelConntrack::open() {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return socket.failure();
  const timeval timeout{kAnswerTimeoutS, 0};
  setsockopt(socket->fd(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  return KernelConntrack(std::move(*socket));
}

Result<Connection> KernelConntrack::find_of(Bytes packet, const Zone& zone) {
  const Result<Tuple> tuple = parse_tuple(packet);
  if (!tuple) return tuple.error();
  IcmpQuery icmp = is_icmp(tuple->protocol) ? read_icmp(packet) : IcmpQuery();
  const Result<Connection> found = find(*tuple, icmp, zone);
  if (found) return found;
  // Behind NAT of its destination only the tuple that comes back is what conntrack knows.
  icmp.type = opposite_type(icmp.type);
  return find(reversed(*tuple), icmp, zone);
}

Result<Connection> KernelConntrack::find(const Tuple& tuple, const IcmpQuery& icmp,
                                         const Zone& zone) {
  NetfilterMessage request(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, 0,
                           uint8_t(family_of(tuple)), 0);
  request.header()->nlmsg_seq = ++sequence_;
  put_tuple(request.header(), tuple, icmp, zone);
  if (socket_.send(request.bytes()) != 0) return kNotFound;
  const nlmsghdr* answer = receive_answer();
  if (!answer || answer->nlmsg_type == NLMSG_ERROR) return kNotFound;
  return read_connection(attributes_of(*answer, sizeof(nfgenmsg)));
}

const nlmsghdr* KernelConntrack::receive_answer() {
  for (;;) {
    const Bytes received = socket_.receive({answer_, sizeof answer_});
    auto* message = reinterpret_cast<const nlmsghdr*>(answer_);
    if (!mnl_nlmsg_ok(message, int(received.size()))) return nullptr;
    if (message->nlmsg_seq == sequence_) return message;
  }
}

Connection read_connection(Bytes attributes) {
  Connection connection;
  ConnEntry& entry = connection.entry;
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    auto& [original, reply] = entry.traffic.direction;
    if (type == CTA_ID && value.has(0, sizeof(uint32_t))) entry.id = value.be32(0);
    if (type == CTA_TUPLE_ORIG) connection.tuples[size_t(Direction::original)] = read_tuple(value);
    if (type == CTA_TUPLE_REPLY) connection.tuples[size_t(Direction::reply)] = read_tuple(value);
    if (type == CTA_COUNTERS_ORIG)
      entry.has_traffic |= read_counters(value, original.packets, original.bytes);
    if (type == CTA_COUNTERS_REPLY)
      entry.has_traffic |= read_counters(value, reply.packets, reply.bytes);
  });
  return connection;
}

Zone read_zone(Bytes attributes) {
  Zone zone;
  const auto take = [&zone](Bytes value, ZoneSide side) {
    if (value.has(0, sizeof(uint16_t))) zone = {value.be16(0), side};
  };
  const auto take_from_tuple = [&](Bytes tuple, ZoneSide side) {
    for_each_attribute(tuple, [&](uint16_t type, Bytes value) {
      if (type == CTA_TUPLE_ZONE) take(value, side);
    });
  };
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    if (type == CTA_ZONE) take(value, ZoneSide::both);
    if (type == CTA_TUPLE_ORIG) take_from_tuple(value, ZoneSide::original);
    if (type == CTA_TUPLE_REPLY) take_from_tuple(value, ZoneSide::reply);
  });
  return zone;
}

Result<int64_t> read_connection_id(Bytes attributes) {
  int64_t id = -1;
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    if (type == CTA_ID && value.has(0, sizeof(uint32_t))) id = value.be32(0);
  });
  if (id < 0) return Error("untracked");
  return id;
}

Tuple reversed(const Tuple& tuple) {
  Tuple back = tuple;
  back.source = tuple.destination;
  back.destination = tuple.source;
  back.source_port = tuple.destination_port;
  back.destination_port = tuple.source_port;
  return back;
}

// NAT changes a packet's destination before FORWARD and its source after it, so that here the
// packet's source is still what its sender wrote: it tells the direction.
Tuple tuple_towards_sender(const Tuple& packet_tuple, const Connection& connection) {
  for (const Tuple& arriving : connection.tuples)
    if (arriving.source == packet_tuple.source && arriving.source_port == packet_tuple.source_port)
      return reversed(arriving);
  return reversed(packet_tuple);
}

}  // namespace nflua::queue
