// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's connection tracking, asked over ctnetlink. One look-up is one request and one
// answer; nothing is allocated for it.
// Source: linux/netfilter/nfnetlink_conntrack.h.
#pragma once

#include "datapath/queue/netlink_socket.hpp"
#include "datapath/queue/zone.hpp"
#include "engine/host.hpp"
#include "engine/wire.hpp"

struct nlattr;

namespace nflua::queue {

struct Connection {
  ConnEntry entry;
  /// Indexed by Direction: what packets of that direction bear when they arrive here.
  Tuple tuples[2];
};

/// What stands for ports in conntrack's tuples of ICMP and ICMPv6.
struct IcmpQuery {
  uint8_t type = 0;
  uint8_t code = 0;
  uint16_t id = 0;
};

class KernelConntrack {
 public:
  static Outcome<KernelConntrack> open();

  /// A confirmed connection by the tuple of either direction, in the zone that a packet in `zone`
  /// of that direction is in. Errors: "connid entry not found".
  Result<Connection> find(const Tuple& tuple, const Zone& zone) { return find(tuple, {}, zone); }
  /// That of a packet in `zone`: also behind NAT, where it bears the tuple of no direction exactly.
  Result<Connection> find_of(Bytes packet, const Zone& zone);

 private:
  explicit KernelConntrack(NetlinkSocket socket) : socket_(std::move(socket)) {}
  Result<Connection> find(const Tuple& tuple, const IcmpQuery& icmp, const Zone& zone);
  /// The answer to our last request; late ones to earlier requests are passed over.
  const nlmsghdr* receive_answer();

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
  alignas(nlmsghdr) uint8_t answer_[kNetlinkMessageBytes] = {};
};

/// Reads the attributes (CTA_…) of one connection, as far as they are there.
Connection read_connection(Bytes attributes);

/// The zone alone: 0 where there is none.
Zone read_zone(Bytes attributes);

/// The id alone. Errors: "untracked".
Result<int64_t> read_connection_id(Bytes attributes);

/// What packets bear that come back to the sender of `packet_tuple`, as the sender knows it: NAT
/// undone. Without NAT: the reversed tuple.
Tuple tuple_towards_sender(const Tuple& packet_tuple, const Connection& connection);

Tuple reversed(const Tuple& tuple);

}  // namespace nflua::queue
