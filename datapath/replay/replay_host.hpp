// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's world during a replay: the capture's time, software conntrack, datagrams and reports
// that become events.
#pragma once

#include "datapath/replay/clock.hpp"
#include "datapath/replay/conntrack.hpp"
#include "datapath/replay/events.hpp"
#include "engine/host.hpp"

namespace nflua::replay {

class ReplayHost final : public Host {
 public:
  ReplayHost(Clock& clock, Conntrack& conntrack, Events& events)
      : clock_(clock), conntrack_(conntrack), events_(events) {}

  void* reallocate(void* block, size_t old_bytes, size_t new_bytes) override;
  int64_t now_ns() override { return clock_.now_ns(); }
  uint32_t seed() override { return kSeed; }
  TimerHandle* start_timer(State& state, Timer& timer, uint32_t delay_ms) override;
  void cancel_timer(TimerHandle* handle) override;
  Result<ConnEntry> find_connection(const Tuple& tuple) override;
  Result<size_t> send_netlink(State& state, uint32_t port, uint32_t groups, Bytes payload) override;
  bool serves_queue(uint16_t) override { return false; }
  void report(const Report& report) override { events_.log(clock_.now_ns(), report); }

 private:
  /// A replay gives the same result each time.
  static constexpr uint32_t kSeed = 0x6e666c75;

  Clock& clock_;
  Conntrack& conntrack_;
  Events& events_;
};

}  // namespace nflua::replay
