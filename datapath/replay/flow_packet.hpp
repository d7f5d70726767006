// SPDX-License-Identifier: GPL-2.0-or-later
// What conntrack reads of a packet, and the key under which it keeps a connection.
#pragma once

#include <stdint.h>

#include "datapath/replay/tcp_state.hpp"
#include "engine/bytes.hpp"
#include "engine/wire.hpp"

namespace nflua::replay {

/// Why a packet belongs to no connection.
enum class Untracked : uint8_t {
  no,            ///< it does belong to one
  bad_header,    ///< cut off, or lies
  fragment,      ///< see defrag.hpp
  protocol,      ///< neither TCP, UDP nor ICMP
  icmp_type,     ///< neither a query, nor its answer, nor an error
  unrelated,     ///< an ICMP error about no known connection
  not_a_start,   ///< of an unknown connection, but none begins like this
  out_of_state,  ///< not what the connection's TCP may send now
  table_full,    ///< no room for a new connection, nor one to drop for it
};
inline constexpr size_t kUntrackedReasons = size_t(Untracked::table_full) + 1;

/// The same for both directions of a connection: the lower end first.
struct FlowKey {
  uint64_t words[5] = {};
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};

struct OrientedKey {
  FlowKey key;
  /// Differs between the two directions of a connection.
  bool is_flipped = false;
  /// Whether a packet with this tuple may be the first of a connection.
  bool may_start = true;
};

struct FlowPacket {
  Untracked reason = Untracked::no;
  IpProto protocol{};
  bool is_icmp_error = false;
  /// TCP only.
  TcpEvent event = TcpEvent::invalid;
  uint16_t mss = 0;
  /// As the IP header claims.
  uint64_t ip_bytes = 0;
  /// Of an ICMP error: of the packet that it is about.
  OrientedKey key;
};

FlowPacket read_flow_packet(const SeenPacket& packet);

/// The key of a script's tuple. ICMP queries and answers are named as in a conntrack tuple of
/// Linux: source_port is the identifier, destination_port is type << 8 | code.
OrientedKey flow_key(const Tuple& tuple);

}  // namespace nflua::replay
