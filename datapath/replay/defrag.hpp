// SPDX-License-Identifier: GPL-2.0-or-later
// Puts IP fragments together, for --defrag: the view that conntrack has in a kernel.
//
// Fragments wait, in bounded memory and for a bounded time of the capture, until all of a datagram
// are there. Pieces that overlap end their datagram (IPv6: RFC 5722; IPv4: as Linux since 4.20); an
// exact repetition is ignored. Time never goes backwards (clock.hpp).
// Source: RFC 791, RFC 8200 section 4.5, RFC 6946 (a fragment that is the whole).
#pragma once

#include <stdint.h>

#include <array>
#include <list>
#include <map>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/wire.hpp"

namespace nflua::replay {

/// Bytes of the fragments that wait, with kFragmentOverheadBytes each. Beyond it the datagram that
/// has waited longest is given up. Source: Linux's ipfrag_high_thresh.
inline constexpr size_t kMaxFragmentBytes = size_t{4} << 20;
inline constexpr size_t kFragmentOverheadBytes = 128;

/// Source: Linux's IP_FRAG_TIME and IPV6_FRAG_TIMEOUT.
inline constexpr int64_t kIpv4FragmentTimeoutNs = 30'000'000'000;
inline constexpr int64_t kIpv6FragmentTimeoutNs = 60'000'000'000;

enum class DefragEffect : uint8_t {
  not_a_fragment,  ///< it goes on as it is
  waits,           ///< its bytes were taken
  complete,        ///< it was the last one missing: packet() is the whole
  refused,         ///< cut off by the capture, malformed, or contradicts its datagram, which ends
};

struct DefragCounters {
  uint64_t complete = 0;
  /// Datagrams that never became whole, by cause; their fragments are lost.
  uint64_t contradicting = 0;
  uint64_t timed_out = 0;
  uint64_t out_of_memory = 0;
  /// Fragments.
  uint64_t refused = 0;
  uint64_t repeated = 0;
};

class Defrag {
 public:
  /// `packet`: from the IP header on, link padding cut off. Borrows: during the call.
  DefragEffect add(Bytes packet, int64_t now_ns);

  /// The whole packet without a trace of fragments, lengths and IPv4 checksum set right.
  /// Requires: add() said complete. Borrows: until the next add(). Writable.
  MutableBytes packet() { return {packet_.data(), packet_.size()}; }

  /// Datagrams that still wait: at the end of the capture they are lost.
  size_t waiting() const { return datagrams_.size(); }
  const DefragCounters& counters() const { return counters_; }

 private:
  using Buffer = std::vector<uint8_t>;
  /// Family, protocol (IPv4), identification, addresses.
  using Key = std::array<uint8_t, 40>;

  struct Fragment {
    Family family{};
    Key key{};
    /// Where in the datagram's payload it lies. Units: bytes.
    uint32_t begin = 0;
    bool is_last = false;
    /// What stands before the payload, IPv6's fragment header excluded.
    Bytes header;
    /// IPv6: what `header` has to say follows it, and where.
    size_t next_header_at = 0;
    uint8_t next_header = 0;
    Bytes data;

    uint32_t end() const { return begin + uint32_t(data.size()); }
  };

  struct Datagram;
  using Datagrams = std::map<Key, Datagram>;
  /// In the order of their first fragments, one per family: its timeout is the same for all.
  using Queue = std::list<Datagrams::iterator>;

  struct Datagram {
    Family family{};
    int64_t started_ns = 0;
    Queue::iterator place;
    /// Of the fragment that begins at 0, as the whole shall have it.
    Buffer header;
    /// By where they begin; they never overlap.
    std::map<uint32_t, Buffer> pieces;
    /// Of all pieces. Units: bytes.
    size_t payload_bytes = 0;
    /// Of the whole payload; 0: the last fragment is missing. Units: bytes.
    uint32_t size = 0;
  };

  static DefragEffect read_ipv4(Bytes packet, Fragment& fragment);
  static DefragEffect read_ipv6(Bytes packet, Fragment& fragment);
  static DefragEffect read(Bytes packet, Fragment& fragment);
  static size_t cost(const Fragment& fragment);
  /// Whether the fragment can't belong to the same datagram as what is there.
  static bool contradicts(const Datagram& datagram, const Fragment& fragment);
  static bool repeats(const Datagram& datagram, const Fragment& fragment);
  static void take(Datagram& datagram, const Fragment& fragment);

  Datagrams::iterator find_or_start(const Fragment& fragment, int64_t now_ns);
  DefragEffect insert(Datagrams::iterator found, const Fragment& fragment);
  DefragEffect refuse();
  DefragEffect complete(const Datagram& datagram);
  void expire(int64_t now_ns);
  void make_room(size_t bytes);
  void drop(Datagrams::iterator found);
  Queue& queue_of(Family family) { return family == Family::ipv4 ? ipv4_queue_ : ipv6_queue_; }

  Datagrams datagrams_;
  Queue ipv4_queue_;
  Queue ipv6_queue_;
  /// What all datagrams cost.
  size_t bytes_ = 0;
  Buffer packet_;
  DefragCounters counters_;
};

}  // namespace nflua::replay
