// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/defrag.hpp"

#include <string.h>

#include <algorithm>

#include "engine/checksum.hpp"
#include "engine/limits.hpp"

namespace nflua::replay {
namespace {

constexpr size_t kFragmentUnit =
    8;  // of an offset, and of every fragment's size but the last one's

void append(std::vector<uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

template <class Key>
Key make_key(Family family, IpProto protocol, Bytes id, Bytes source, Bytes destination) {
  Key key{uint8_t(family), uint8_t(protocol)};
  memcpy(&key[4], id.data(), id.size());
  memcpy(&key[8], source.data(), source.size());
  memcpy(&key[24], destination.data(), destination.size());
  return key;
}

/// Extension headers that may stand before a fragment header (RFC 8200 section 4.5).
bool is_per_fragment(IpProto protocol) {
  return protocol == IpProto::hop_by_hop || protocol == IpProto::routing ||
         protocol == IpProto::destination_options;
}

}  // namespace

DefragEffect Defrag::add(Bytes packet, int64_t now_ns) {
  expire(now_ns);
  Fragment fragment;
  DefragEffect effect = read(packet, fragment);
  if (effect == DefragEffect::refused) return refuse();
  if (effect != DefragEffect::waits) return effect;
  bool is_whole = fragment.begin == 0 && fragment.is_last;
  if (is_whole) {
    // RFC 6946: neither waits for others nor disturbs those that have its identification.
    Datagram whole;
    take(whole, fragment);
    return complete(whole);
  }
  make_room(cost(fragment));
  return insert(find_or_start(fragment, now_ns), fragment);
}

// Waits: `fragment` was filled in.
DefragEffect Defrag::read(Bytes packet, Fragment& fragment) {
  if (packet.empty()) return DefragEffect::not_a_fragment;
  DefragEffect effect =
      packet[0] >> 4 == 6 ? read_ipv6(packet, fragment) : read_ipv4(packet, fragment);
  if (effect != DefragEffect::waits) return effect;
  bool is_whole = fragment.begin == 0 && fragment.is_last;
  if (fragment.data.empty() && !is_whole) return DefragEffect::refused;
  if (!fragment.is_last && fragment.data.size() % kFragmentUnit != 0) return DefragEffect::refused;
  if (fragment.end() > kMaxPacketBytes) return DefragEffect::refused;
  return DefragEffect::waits;
}

DefragEffect Defrag::read_ipv4(Bytes packet, Fragment& fragment) {
  Result<IpHeader> ip = parse_ip(packet);
  if (!ip || !ip->is_fragment()) return DefragEffect::not_a_fragment;
  if (packet.size() < ip->packet_bytes) return DefragEffect::refused;
  fragment.family = Family::ipv4;
  fragment.key = make_key<Key>(Family::ipv4, ip->protocol, packet.sub(4, 2), packet.sub(12, 4),
                               packet.sub(16, 4));
  fragment.begin = ip->fragment_offset;
  fragment.is_last = !ip->more_fragments;
  fragment.header = packet.first(ip->header_bytes);
  fragment.data = packet.first(ip->packet_bytes).sub(ip->header_bytes);
  return DefragEffect::waits;
}

// Not parse_ip(): it goes on behind the fragment header, into what may be a part of a header.
DefragEffect Defrag::read_ipv6(Bytes packet, Fragment& fragment) {
  constexpr size_t kFragmentHeaderBytes = 8;
  if (packet.size() < kIpv6HeaderBytes) return DefragEffect::not_a_fragment;
  size_t claimed = kIpv6HeaderBytes + packet.be16(4);
  size_t next_header_at = 6;
  size_t at = kIpv6HeaderBytes;
  while (is_per_fragment(IpProto(packet[next_header_at])) && packet.has(at, 2)) {
    next_header_at = at;
    at += (size_t{packet[at + 1]} + 1) * 8;
  }
  if (IpProto(packet[next_header_at]) != IpProto::fragment) return DefragEffect::not_a_fragment;
  if (packet.size() < claimed || claimed < at + kFragmentHeaderBytes) return DefragEffect::refused;
  fragment.family = Family::ipv6;
  fragment.key = make_key<Key>(Family::ipv6, IpProto{}, packet.sub(at + 4, 4), packet.sub(8, 16),
                               packet.sub(24, 16));
  uint16_t offset_and_more = packet.be16(at + 2);
  fragment.begin = uint32_t(offset_and_more - offset_and_more % kFragmentUnit);
  fragment.is_last = !(offset_and_more & 1);
  fragment.header = packet.first(at);
  fragment.next_header_at = next_header_at;
  fragment.next_header = packet[at];
  fragment.data = packet.first(claimed).sub(at + kFragmentHeaderBytes);
  return DefragEffect::waits;
}

size_t Defrag::cost(const Fragment& fragment) {
  return kFragmentOverheadBytes + fragment.data.size() +
         (fragment.begin == 0 ? fragment.header.size() : 0);
}

Defrag::Datagrams::iterator Defrag::find_or_start(const Fragment& fragment, int64_t now_ns) {
  auto [found, is_new] = datagrams_.try_emplace(fragment.key);
  if (is_new) {
    Queue& queue = queue_of(fragment.family);
    found->second.family = fragment.family;
    found->second.started_ns = now_ns;
    found->second.place = queue.insert(queue.end(), found);
  }
  return found;
}

DefragEffect Defrag::insert(Datagrams::iterator found, const Fragment& fragment) {
  Datagram& datagram = found->second;
  if (repeats(datagram, fragment)) {
    ++counters_.repeated;
    return DefragEffect::waits;
  }
  if (contradicts(datagram, fragment)) {
    ++counters_.contradicting;
    drop(found);
    return refuse();
  }
  take(datagram, fragment);
  bytes_ += cost(fragment);
  if (datagram.size == 0 || datagram.payload_bytes != datagram.size) return DefragEffect::waits;
  DefragEffect effect = complete(datagram);
  drop(found);
  return effect;
}

bool Defrag::repeats(const Datagram& datagram, const Fragment& fragment) {
  auto piece = datagram.pieces.find(fragment.begin);
  return piece != datagram.pieces.end() && piece->second.size() == fragment.data.size() &&
         fragment.is_last == (datagram.size == fragment.end());
}

bool Defrag::contradicts(const Datagram& datagram, const Fragment& fragment) {
  const auto& pieces = datagram.pieces;
  auto after = pieces.lower_bound(fragment.begin);
  if (after != pieces.end() && after->first < fragment.end()) return true;
  if (after != pieces.begin()) {
    auto before = std::prev(after);
    if (before->first + before->second.size() > fragment.begin) return true;
  }
  if (datagram.size != 0) return fragment.is_last || fragment.end() > datagram.size;
  return fragment.is_last && after != pieces.end();
}

void Defrag::take(Datagram& datagram, const Fragment& fragment) {
  datagram.family = fragment.family;
  if (fragment.begin == 0) {
    append(datagram.header, fragment.header);
    if (fragment.family == Family::ipv6)
      datagram.header[fragment.next_header_at] = fragment.next_header;
  }
  append(datagram.pieces[fragment.begin], fragment.data);
  datagram.payload_bytes += fragment.data.size();
  if (fragment.is_last) datagram.size = fragment.end();
}

DefragEffect Defrag::complete(const Datagram& datagram) {
  bool is_ipv4 = datagram.family == Family::ipv4;
  size_t total = datagram.header.size() + datagram.payload_bytes;
  size_t claimed = is_ipv4 ? total : total - kIpv6HeaderBytes;
  if (claimed > kMaxPacketBytes) return refuse();
  packet_.clear();
  packet_.reserve(total);
  append(packet_, {datagram.header.data(), datagram.header.size()});
  for (const auto& [begin, piece] : datagram.pieces) append(packet_, {piece.data(), piece.size()});
  uint8_t* header = packet_.data();
  if (is_ipv4) {
    store_be16(header + 2, uint16_t(claimed));
    store_be16(header + 6, 0);  // flags and offset
    store_be16(header + 10, 0);
    store_be16(header + 10, ipv4_header_checksum({header, datagram.header.size()}));
  } else {
    store_be16(header + 4, uint16_t(claimed));
  }
  ++counters_.complete;
  return DefragEffect::complete;
}

DefragEffect Defrag::refuse() {
  ++counters_.refused;
  return DefragEffect::refused;
}

void Defrag::expire(int64_t now_ns) {
  for (Family family : {Family::ipv4, Family::ipv6}) {
    int64_t timeout_ns = family == Family::ipv4 ? kIpv4FragmentTimeoutNs : kIpv6FragmentTimeoutNs;
    Queue& queue = queue_of(family);
    // A hostile capture's clock may stand at either end of time.
    int64_t started_ns;
    if (__builtin_sub_overflow(now_ns, timeout_ns, &started_ns)) continue;
    while (!queue.empty() && queue.front()->second.started_ns <= started_ns) {
      ++counters_.timed_out;
      drop(queue.front());
    }
  }
}

void Defrag::make_room(size_t bytes) {
  while (bytes_ + bytes > kMaxFragmentBytes) {
    bool ipv4_is_older =
        ipv6_queue_.empty() || (!ipv4_queue_.empty() && ipv4_queue_.front()->second.started_ns <=
                                                            ipv6_queue_.front()->second.started_ns);
    ++counters_.out_of_memory;
    drop(ipv4_is_older ? ipv4_queue_.front() : ipv6_queue_.front());
  }
}

void Defrag::drop(Datagrams::iterator found) {
  Datagram& datagram = found->second;
  bytes_ -= datagram.header.size() + datagram.payload_bytes +
            datagram.pieces.size() * kFragmentOverheadBytes;
  queue_of(datagram.family).erase(datagram.place);
  datagrams_.erase(found);
}

}  // namespace nflua::replay
