// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/conntrack.hpp"

#include <algorithm>

#include "datapath/clock.hpp"

namespace nflua::replay {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

/// A UDP conversation that lasts longer counts as a stream (nf_conntrack_proto_udp.c: stream_ts).
constexpr int64_t kUdpStreamAfterNs = 2 * kSecondNs;

}  // namespace

// Source: tcp_timeouts[], udp_timeouts[] and nf_ct_icmp_timeout in Linux's net/netfilter/
// nf_conntrack_proto_{tcp,udp,icmp}.c; picked_up: TCP_CONNTRACK_UNACK.
int64_t Conntrack::timeout_ns(Lifetime lifetime) {
  constexpr int64_t kSeconds[kLifetimes] = {120, 60, 432'000, 120, 60,  30,
                                            120, 10, 300,     30,  120, 30};
  return kSeconds[size_t(lifetime)] * kSecondNs;
}

// Source: tcp_can_early_drop(), and what never becomes ASSURED.
bool Conntrack::may_drop_early(Lifetime lifetime) {
  return lifetime != Lifetime::established && lifetime != Lifetime::udp_stream;
}

Conntrack::Lifetime Conntrack::lifetime_of(const Connection& connection, IpProto protocol,
                                           int64_t now_ns) {
  if (protocol == IpProto::udp) {
    bool is_stream =
        connection.seen_reply && now_ns > later(connection.started_ns, kUdpStreamAfterNs);
    return is_stream ? Lifetime::udp_stream : Lifetime::udp;
  }
  if (protocol != IpProto::tcp) return Lifetime::icmp;
  switch (connection.tcp) {
    case TcpState::none:
    case TcpState::syn_sent:
    case TcpState::syn_sent_by_both:
      return Lifetime::syn_sent;
    case TcpState::syn_received:
      return Lifetime::syn_received;
    case TcpState::established:
      return connection.seen_reply ? Lifetime::established : Lifetime::picked_up;
    case TcpState::fin_wait:
      return Lifetime::fin_wait;
    case TcpState::close_wait:
      return Lifetime::close_wait;
    case TcpState::last_ack:
      return Lifetime::last_ack;
    case TcpState::time_wait:
      return Lifetime::time_wait;
    case TcpState::closed:
      break;
  }
  return Lifetime::closed;
}

ConnHandle Conntrack::untracked(Untracked reason) {
  ++counters_.untracked[size_t(reason)];
  ConnHandle handle;
  handle.reason = reason;
  return handle;
}

ConnHandle Conntrack::look_up(const SeenPacket& seen, int64_t now_ns) {
  if (now_ns >= next_expiry_ns_) expire(now_ns);
  FlowPacket packet = read_flow_packet(seen);
  if (packet.reason != Untracked::no) return untracked(packet.reason);
  return packet.is_icmp_error ? related(packet, now_ns) : track(packet, now_ns);
}

ConnHandle Conntrack::track(const FlowPacket& packet, int64_t now_ns) {
  const OrientedKey& oriented = packet.key;
  uint32_t hash = index_.hash(oriented.key);
  uint32_t slot = find_live(packet, hash, now_ns);
  Direction direction = Direction::original;
  if (slot != kNoSlot) direction = Direction(connections_[slot].is_flipped != oriented.is_flipped);
  TcpStep step = step_of(packet, slot, direction);
  if (step.effect == TcpEffect::invalid || (slot == kNoSlot && !oriented.may_start))
    return untracked(slot == kNoSlot ? Untracked::not_a_start : Untracked::out_of_state);
  if (slot == kNoSlot) slot = create(oriented, hash, now_ns);
  if (slot == kNoSlot) return untracked(Untracked::table_full);

  Connection& connection = connections_[slot];
  ConnHandle handle{connection.id, slot, direction, Untracked::no};
  if (!connection.is_confirmed) ++connection.pending;
  if (step.effect == TcpEffect::moves) {
    connection.tcp = step.state;
    count(packet, handle, now_ns);
  }
  return handle;
}

TcpStep Conntrack::step_of(const FlowPacket& packet, uint32_t slot, Direction direction) const {
  if (packet.protocol != IpProto::tcp) return {TcpEffect::moves, TcpState::none};
  TcpState state = slot == kNoSlot ? TcpState::none : connections_[slot].tcp;
  return tcp_step(state, direction, packet.event);
}

void Conntrack::count(const FlowPacket& packet, const ConnHandle& handle, int64_t now_ns) {
  Connection& connection = connections_[handle.slot];
  if (packet.mss != 0) connection.mss[size_t(handle.direction)] = packet.mss;
  auto& traffic = connection.traffic.direction[size_t(handle.direction)];
  ++traffic.packets;
  traffic.bytes += packet.ip_bytes;
  // Nobody answered but by a reset: nothing is left to track.
  if (packet.event == TcpEvent::rst && !connection.seen_reply) return remove(handle.slot);
  refresh(handle.slot, lifetime_of(connection, packet.protocol, now_ns), now_ns);
  connection.seen_reply |= handle.direction == Direction::reply;
}

ConnHandle Conntrack::related(const FlowPacket& packet, int64_t now_ns) {
  const OrientedKey& oriented = packet.key;
  uint32_t slot = find_slot(index_.hash(oriented.key), oriented.key);
  if (slot == kNoSlot) return untracked(Untracked::unrelated);
  const Connection& connection = connections_[slot];
  if (!connection.is_confirmed || connection.expires_ns <= now_ns)
    return untracked(Untracked::unrelated);
  // The error travels against the packet that it is about.
  bool is_reply = connection.is_flipped == oriented.is_flipped;
  return {connection.id, slot, Direction(is_reply), Untracked::no};
}

uint32_t Conntrack::find_slot(uint32_t hash, const FlowKey& key) const {
  return index_.find(hash, [&](uint32_t slot) { return connections_[slot].key == key; });
}

uint32_t Conntrack::find_live(const FlowPacket& packet, uint32_t hash, int64_t now_ns) {
  uint32_t slot = find_slot(hash, packet.key.key);
  if (slot == kNoSlot) return kNoSlot;
  const Connection& connection = connections_[slot];
  bool is_over = connection.is_confirmed && connection.expires_ns <= now_ns;
  if (is_over) ++counters_.expired;
  bool reopens =
      packet.protocol == IpProto::tcp &&
      tcp_step(connection.tcp, Direction::original, packet.event).effect == TcpEffect::reopens;
  if (!is_over && !reopens) return slot;
  remove(slot);
  return kNoSlot;
}

uint32_t Conntrack::create(const OrientedKey& oriented, uint32_t hash, int64_t now_ns) {
  if (size_ == max_connections_ && !make_room()) return kNoSlot;
  uint32_t slot = free_;
  if (slot == kNoSlot) {
    slot = uint32_t(connections_.size());
    connections_.emplace_back();
  } else {
    free_ = connections_[slot].next;
    connections_[slot] = {};
  }
  if (++last_id_ == 0) last_id_ = 1;
  Connection& connection = connections_[slot];
  connection.key = oriented.key;
  connection.hash = hash;
  connection.id = last_id_;
  connection.is_flipped = oriented.is_flipped;
  connection.started_ns = now_ns;
  index_.insert(hash, slot);
  ++size_;
  ++counters_.created;
  return slot;
}

void Conntrack::confirm(const ConnHandle& handle, int64_t now_ns) {
  if (!is_live(handle)) return;
  Connection& connection = connections_[handle.slot];
  if (connection.is_confirmed) return;
  connection.is_confirmed = true;
  connection.expires_ns = later(now_ns, timeout_ns(connection.lifetime));
  link(handle.slot, now_ns);
}

void Conntrack::forget(const ConnHandle& handle) {
  if (!is_live(handle)) return;
  Connection& connection = connections_[handle.slot];
  if (!connection.is_confirmed && --connection.pending == 0) remove(handle.slot);
}

std::optional<ConnEntry> Conntrack::find(const Tuple& tuple, int64_t now_ns) const {
  OrientedKey oriented = flow_key(tuple);
  uint32_t slot = find_slot(index_.hash(oriented.key), oriented.key);
  if (slot == kNoSlot) return {};
  const Connection& connection = connections_[slot];
  if (!connection.is_confirmed || connection.expires_ns <= now_ns) return {};
  return ConnEntry{connection.id, true, connection.traffic};
}

uint16_t Conntrack::sender_mss(const ConnHandle& handle) const {
  return is_live(handle) ? connections_[handle.slot].mss[size_t(handle.direction)] : 0;
}

// A connection that goes on as before keeps its place in the list: moving it would touch three
// others for each packet. expire() moves those that it finds refreshed.
void Conntrack::refresh(uint32_t slot, Lifetime lifetime, int64_t now_ns) {
  Connection& connection = connections_[slot];
  connection.expires_ns = later(now_ns, timeout_ns(lifetime));
  if (connection.lifetime == lifetime) return;
  if (connection.is_confirmed) unlink(slot);
  connection.lifetime = lifetime;
  if (connection.is_confirmed) link(slot, now_ns);
}

bool Conntrack::make_room() {
  uint32_t oldest = kNoSlot;
  for (size_t i = 0; i < kLifetimes; ++i) {
    uint32_t slot = lists_[i].first;
    if (slot == kNoSlot || !may_drop_early(Lifetime(i))) continue;
    if (oldest == kNoSlot || connections_[slot].listed_ns < connections_[oldest].listed_ns)
      oldest = slot;
  }
  if (oldest == kNoSlot) return false;
  ++counters_.dropped_early;
  remove(oldest);
  return true;
}

void Conntrack::expire(int64_t now_ns) {
  next_expiry_ns_ = INT64_MAX;
  for (size_t i = 0; i < kLifetimes; ++i) expire(Lifetime(i), now_ns);
}

// In a list, whoever was listed earlier can't be over later than its successors were listed plus
// the timeout; so only the front has to be looked at. One that is refreshed goes to the end: each
// is touched once per timeout, and what is over may stay as long again (but is not found).
void Conntrack::expire(Lifetime lifetime, int64_t now_ns) {
  for (;;) {
    uint32_t slot = list_of(lifetime).first;
    if (slot == kNoSlot) return;
    int64_t due_ns = later(connections_[slot].listed_ns, timeout_ns(lifetime));
    if (due_ns > now_ns) {
      next_expiry_ns_ = std::min(next_expiry_ns_, due_ns);
      return;
    }
    if (connections_[slot].expires_ns <= now_ns) {
      ++counters_.expired;
      remove(slot);
    } else {
      unlink(slot);
      link(slot, now_ns);
    }
  }
}

void Conntrack::remove(uint32_t slot) {
  Connection& connection = connections_[slot];
  if (connection.is_confirmed) unlink(slot);
  index_.erase(connection.hash, slot);
  connection.id = 0;
  connection.next = free_;
  free_ = slot;
  --size_;
}

void Conntrack::link(uint32_t slot, int64_t now_ns) {
  Connection& connection = connections_[slot];
  List& list = list_of(connection.lifetime);
  connection.listed_ns = now_ns;
  connection.previous = list.last;
  connection.next = kNoSlot;
  (list.last == kNoSlot ? list.first : connections_[list.last].next) = slot;
  list.last = slot;
  next_expiry_ns_ = std::min(next_expiry_ns_, later(now_ns, timeout_ns(connection.lifetime)));
}

void Conntrack::unlink(uint32_t slot) {
  Connection& connection = connections_[slot];
  List& list = list_of(connection.lifetime);
  uint32_t previous = connection.previous;
  uint32_t next = connection.next;
  (previous == kNoSlot ? list.first : connections_[previous].next) = next;
  (next == kNoSlot ? list.last : connections_[next].previous) = previous;
}

}  // namespace nflua::replay
