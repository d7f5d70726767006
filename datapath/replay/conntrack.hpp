// SPDX-License-Identifier: GPL-2.0-or-later
// Connection tracking for captures, after Linux's: TCP, UDP and ICMP queries of both families.
//
//   look_up(packet, now) ─┬─► confirm(handle, now)   the packet passes, or a held one is sent
//                         └─► forget(handle)         it is dropped
// A connection is found by find() once one of its packets was confirmed. Its id is the same for all
// of its packets from the first one on, in both directions: packets that come while the first one
// is held share the unconfirmed connection. It is gone when the last of them was forgotten.
// An ICMP error has the id of the connection that it is about (RELATED) and neither counts nor
// refreshes it, as in Linux. Packets count when they are looked up, dropped or not, with the length
// that their IP header claims. Fragments are untracked (defrag.hpp).
// Ids count up from 1: nothing is said about them but that they differ (until 2^32 connections).
// Time never goes backwards (clock.hpp). A packet costs O(1); memory only grows with connections.
#pragma once

#include <stdint.h>

#include <array>
#include <optional>
#include <vector>

#include "datapath/replay/flow_index.hpp"
#include "datapath/replay/flow_packet.hpp"
#include "datapath/replay/tcp_state.hpp"
#include "engine/host.hpp"

namespace nflua::replay {

/// Connections at one time. What Linux takes on machines with 4 GiB or more (nf_conntrack_max).
/// Beyond it the one that is longest in a state from which Linux drops early makes room.
inline constexpr uint32_t kMaxConnections = 262'144;

/// What one packet has to do with a connection. Stays usable (and harmless) when that is over.
struct ConnHandle {
  /// 0: none, for `reason`.
  uint32_t id = 0;
  uint32_t slot = kNoSlot;
  Direction direction = Direction::original;
  Untracked reason = Untracked::no;

  explicit operator bool() const { return id != 0; }
};

struct ConntrackCounters {
  uint64_t created = 0;
  uint64_t expired = 0;
  uint64_t dropped_early = 0;
  /// Packets, by reason.
  std::array<uint64_t, kUntrackedReasons> untracked{};
};

class Conntrack {
 public:
  explicit Conntrack(uint32_t max_connections = kMaxConnections)
      : max_connections_(max_connections) {}

  ConnHandle look_up(const SeenPacket& packet, int64_t now_ns);
  void confirm(const ConnHandle& handle, int64_t now_ns);
  void forget(const ConnHandle& handle);

  /// A confirmed connection by the tuple of either direction (ICMP: see flow_key()).
  std::optional<ConnEntry> find(const Tuple& tuple, int64_t now_ns) const;

  /// The MSS that the packet's sender announced; 0: unknown, or the connection is over.
  uint16_t sender_mss(const ConnHandle& handle) const;

  /// Unconfirmed ones included, and such as are over but not yet cleared away.
  uint32_t size() const { return size_; }
  const ConntrackCounters& counters() const { return counters_; }

 private:
  /// What decides how long a connection lives without packets; each has a list, oldest first.
  enum class Lifetime : uint8_t {
    syn_sent,
    syn_received,
    established,
    fin_wait,
    close_wait,
    last_ack,
    time_wait,
    closed,
    picked_up,
    udp,
    udp_stream,
    icmp,
  };
  static constexpr size_t kLifetimes = size_t(Lifetime::icmp) + 1;

  struct alignas(64) Connection {  // two cache lines
    FlowKey key;
    uint32_t hash = 0;
    uint32_t id = 0;  // 0: the slot is free
    ConnTraffic traffic{};
    int64_t expires_ns = 0;
    /// When it was put at the end of its list.
    int64_t listed_ns = 0;
    uint32_t previous = kNoSlot;
    uint32_t next = kNoSlot;  // of a free slot: the next free one
    /// Packets that were neither confirmed nor forgotten; once confirmed it means nothing.
    uint32_t pending = 0;
    uint16_t mss[2] = {};
    TcpState tcp = TcpState::none;
    Lifetime lifetime = Lifetime::udp;
    bool is_flipped = false;
    bool is_confirmed = false;
    bool seen_reply = false;
    int64_t started_ns = 0;
  };

  struct List {
    uint32_t first = kNoSlot;
    uint32_t last = kNoSlot;
  };

  static int64_t timeout_ns(Lifetime lifetime);
  static bool may_drop_early(Lifetime lifetime);
  static Lifetime lifetime_of(const Connection& connection, IpProto protocol, int64_t now_ns);

  ConnHandle untracked(Untracked reason);
  ConnHandle track(const FlowPacket& packet, int64_t now_ns);
  ConnHandle related(const FlowPacket& packet, int64_t now_ns);
  uint32_t find_slot(uint32_t hash, const FlowKey& key) const;
  /// Also removes a connection that is over, or that this packet ends to begin anew.
  uint32_t find_live(const FlowPacket& packet, uint32_t hash, int64_t now_ns);
  uint32_t create(const OrientedKey& oriented, uint32_t hash, int64_t now_ns);
  TcpStep step_of(const FlowPacket& packet, uint32_t slot, Direction direction) const;
  void count(const FlowPacket& packet, const ConnHandle& handle, int64_t now_ns);
  void refresh(uint32_t slot, Lifetime lifetime, int64_t now_ns);
  bool make_room();
  void expire(int64_t now_ns);
  void expire(Lifetime lifetime, int64_t now_ns);
  void remove(uint32_t slot);
  void link(uint32_t slot, int64_t now_ns);
  void unlink(uint32_t slot);
  bool is_live(const ConnHandle& handle) const {
    return handle && connections_[handle.slot].id == handle.id;
  }
  List& list_of(Lifetime lifetime) { return lists_[size_t(lifetime)]; }

  uint32_t max_connections_;
  FlowIndex index_;
  std::vector<Connection> connections_;
  uint32_t free_ = kNoSlot;
  uint32_t size_ = 0;
  uint32_t last_id_ = 0;
  std::array<List, kLifetimes> lists_;
  /// No list has anything to do before.
  int64_t next_expiry_ns_ = INT64_MAX;
  ConntrackCounters counters_;
};

}  // namespace nflua::replay
