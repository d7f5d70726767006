// SPDX-License-Identifier: GPL-2.0-or-later
// What is counted on live traffic. Each queue and each replica counts its own; what people see are
// their sums.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "datapath/events.hpp"
#include "datapath/queue/place_counters.hpp"
#include "datapath/queue/queue_socket.hpp"
#include "engine/rules.hpp"
#include "engine/state.hpp"

namespace nflua::queue {

struct PacketCount {
  uint64_t packets = 0;
  uint64_t bytes = 0;

  void add(uint64_t size) {
    ++packets;
    bytes += size;
  }
};

/// How long packets spent in their rules: counts by powers of two of a microsecond.
class TimeHistogram {
 public:
  /// Below 1 µs, below 2 µs, below 4 µs …; the last one is open.
  static constexpr size_t kBuckets = 18;

  void add(int64_t duration_ns);
  const std::array<uint64_t, kBuckets>& buckets() const { return buckets_; }
  /// Units: microseconds; above all that falls into the bucket.
  static uint64_t limit_us(size_t bucket) { return uint64_t{1} << bucket; }
  void add(const TimeHistogram& other);

 private:
  std::array<uint64_t, kBuckets> buckets_{};
};

struct Summary {
  PacketCount received;
  // The fates. Their sum is `received`.
  PacketCount not_ip;
  PacketCount outside_filter;
  /// Came while the run ended: the fail policy decided.
  PacketCount drained;
  std::array<PacketCount, kVerdictKinds> verdicts{};

  /// What became of the stolen.
  std::array<uint64_t, kHeldEnds> held_ends{};
#define NFLUA_COUNTER(key, ...) uint64_t key = 0;
  NFLUA_PLACE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  TimeHistogram time_in_rules;
  SocketCounters socket;
  uint64_t numbered = 0;  ///< by the kernel: got as far as to the listener's socket

  /// With their counters. Their states mean nothing: these may be gone.
  std::vector<Rule> rules;

  void add(const Summary& other);
};

/// Of servers that have ended, without their rules. Context: any thread.
class PastSummary {
 public:
  void add(Summary last) {
    const std::lock_guard lock(mutex_);
    last.rules.clear();
    sum_.add(last);
  }
  Summary sum() const {
    const std::lock_guard lock(mutex_);
    return sum_;
  }

 private:
  mutable std::mutex mutex_;
  Summary sum_;
};

/// What a state counts, in all its replicas.
struct StateSummary {
  StateCounters counters;
  size_t bytes_used = 0;
  size_t bytes_of_fullest = 0;  ///< replica: what its bound is about
  uint64_t timers_armed = 0;    ///< now
  uint64_t held = 0;            ///< packets, now

  void add(const StateSummary& other);
};

void add_counters(StateCounters& sum, const StateCounters& other);
void add_counters(Rule& sum, const Rule& other);
/// The same function, called in the same way.
bool is_same_rule(const Rule& left, const Rule& right);

}  // namespace nflua::queue
