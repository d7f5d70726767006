// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's world during a replay: the capture's time, software conntrack, datagrams and reports
// that become events.
#pragma once

#include "datapath/events.hpp"
#include "datapath/replay/conntrack.hpp"
#include "datapath/userspace_host.hpp"

namespace nflua::replay {

class ReplayHost final : public UserspaceHost {
 public:
  ReplayHost(Clock& clock, Conntrack& conntrack, Events& events)
      : UserspaceHost(clock), conntrack_(conntrack), events_(events) {}

  int64_t now_ns() override { return clock().now_ns(); }
  uint32_t seed() override { return kSeed; }
  Result<ConnEntry> find_connection(const Tuple& tuple) override;
  Result<size_t> send_netlink(State& state, uint32_t port, uint32_t groups, Bytes payload) override;
  bool serves_queue(uint16_t) override { return false; }
  void report(const Report& report) override { events_.log(now_ns(), report); }

 private:
  /// A replay gives the same result each time.
  static constexpr uint32_t kSeed = 0x6e666c75;

  int64_t timer_start_ns() override { return now_ns(); }

  Conntrack& conntrack_;
  Events& events_;
};

}  // namespace nflua::replay
