// SPDX-License-Identifier: GPL-2.0-or-later
// A world for tests: a clock that a test moves by hand, an allocator that fails on request, and a
// record of all that the engine asked for.
//
// Invariants, checked when it goes: no block and no timer is left; no block was freed with a wrong
// size.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/host.hpp"
#include "engine/state.hpp"
#include "tests/support/packets.hpp"

namespace nflua::test {

struct Datagram {
  uint32_t port;
  uint32_t groups;
  std::string payload;
};

struct RecordedReport {
  ReportKind kind;
  std::string state;
  std::string function;
  std::string text;
};

class FakeHost final : public Host {
 public:
  FakeHost() = default;
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;
  ~FakeHost();

  // ---- What a test sets
  /// The n-th allocation from now fails (1: the next), and all later ones do until fail_never().
  void fail_allocations_from(uint64_t nth) { fail_from_ = allocations_ + nth; }
  /// Only the n-th allocation from now fails.
  void fail_allocation(uint64_t nth);
  void fail_never() { fail_from_ = fail_until_ = 0; }
  int64_t now = 1'700'000'000'000'000'000;
  bool timers_fail = false;
  std::set<uint16_t> served_queues;
  std::optional<Error> netlink_error;
  /// Found by the tuple of either direction.
  void add_connection(const Tuple& original, const ConnEntry& entry);

  /// Moves the clock, running the timers that come due in order.
  void advance_ms(uint32_t milliseconds);
  /// Runs timers until none is armed, or `at_most` have run; returns how many did.
  size_t run_all_timers(size_t at_most = 10'000);

  // ---- What a test reads
  std::vector<Datagram> datagrams;
  std::vector<RecordedReport> reports;
  /// The texts of all reports of one kind, a line each.
  std::string texts(ReportKind kind) const;
  uint64_t allocations() const { return allocations_; }
  size_t live_blocks() const { return blocks_.size(); }
  size_t live_bytes() const { return live_bytes_; }
  size_t armed_timers() const { return timers_.size(); }

  void* reallocate(void* block, size_t old_bytes, size_t new_bytes) override;
  int64_t now_ns() override { return now; }
  uint32_t seed() override { return 1; }
  TimerHandle* start_timer(State& state, Timer& timer, uint32_t delay_ms) override;
  void cancel_timer(TimerHandle* handle) override;
  Result<ConnEntry> find_connection(const Tuple& tuple) override;
  Result<size_t> send_netlink(State& state, uint32_t port, uint32_t groups, Bytes payload) override;
  bool serves_queue(uint16_t number) override { return served_queues.count(number) != 0; }
  void report(const Report& report) override;

 private:
  struct ArmedTimer {
    State* state;
    Timer* timer;
    int64_t due_ns;
  };
  /// By number, which is the handle; equal times run in the order of arming.
  using Timers = std::map<uintptr_t, ArmedTimer>;

  bool next_allocation_fails();
  Timers::iterator next_timer();
  void run(Timers::iterator timer);

  uint64_t allocations_ = 0;
  /// Allocations with these numbers fail; 0: none.
  uint64_t fail_from_ = 0;
  uint64_t fail_until_ = 0;
  std::map<void*, size_t> blocks_;
  size_t live_bytes_ = 0;
  Timers timers_;
  uintptr_t last_timer_ = 0;
  std::vector<std::pair<Tuple, ConnEntry>> connections_;
};

}  // namespace nflua::test
