// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/summary.hpp"

#include <algorithm>
#include <bit>

namespace nflua::queue {

namespace {

constexpr int64_t kNsPerUs = 1000;

void add_count(PacketCount& sum, const PacketCount& other) {
  sum.packets += other.packets;
  sum.bytes += other.bytes;
}

/// Requires: they are the same rules, but `sum` may have none yet.
void add_rules(std::vector<Rule>& sum, const std::vector<Rule>& other) {
  if (sum.empty())
    sum = other;
  else
    for (size_t i = 0; i < std::min(sum.size(), other.size()); ++i) add_counters(sum[i], other[i]);
}

}  // namespace

bool is_same_rule(const Rule& left, const Rule& right) {
  return left.kind == right.kind && Text(left.function) == Text(right.function);
}

void add_counters(Rule& sum, const Rule& other) {
  sum.calls += other.calls;
  sum.packets += other.packets;
  sum.bytes += other.bytes;
  sum.errors += other.errors;
}

void TimeHistogram::add(int64_t duration_ns) {
  const auto us = uint64_t(std::max<int64_t>(duration_ns, 0) / kNsPerUs);
  ++buckets_[std::min<size_t>(size_t(std::bit_width(us)), kBuckets - 1)];
}

void TimeHistogram::add(const TimeHistogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
}

void add_counters(StateCounters& sum, const StateCounters& other) {
#define NFLUA_COUNTER(key, ...) sum.key += other.key;
  NFLUA_STATE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
}

void StateSummary::add(const StateSummary& other) {
  add_counters(counters, other.counters);
  bytes_used += other.bytes_used;
  bytes_of_fullest = std::max(bytes_of_fullest, other.bytes_of_fullest);
  timers_armed += other.timers_armed;
  held += other.held;
}

void Summary::add(const Summary& other) {
  add_count(received, other.received);
  add_count(not_ip, other.not_ip);
  add_count(outside_filter, other.outside_filter);
  add_count(drained, other.drained);
  for (size_t i = 0; i < verdicts.size(); ++i) add_count(verdicts[i], other.verdicts[i]);
  for (size_t i = 0; i < held_ends.size(); ++i) held_ends[i] += other.held_ends[i];
#define NFLUA_COUNTER(key, ...) key += other.key;
  NFLUA_PLACE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  numbered += other.numbered;
  time_in_rules.add(other.time_in_rules);
  socket.receive_overflows += other.socket.receive_overflows;
  socket.refused_verdicts += other.socket.refused_verdicts;
  socket.failed_sends += other.socket.failed_sends;
  add_rules(rules, other.rules);
}

}  // namespace nflua::queue
