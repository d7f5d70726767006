// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's world on live traffic: the machine's time, conntrack and netlink. A state has one of
// its own, so that a script can be loaded in one thread while another one runs its predecessor.
#pragma once

#include "datapath/events.hpp"
#include "datapath/queue/group_socket.hpp"
#include "datapath/queue/kernel_conntrack.hpp"
#include "datapath/queue/queue_range.hpp"
#include "datapath/userspace_host.hpp"

namespace nflua::queue {

/// Nanoseconds of the clock that only runs forward, in which timers run.
int64_t monotonic_ns();
/// Nanoseconds since the epoch.
int64_t realtime_ns();

class QueueHost final : public UserspaceHost {
 public:
  /// Borrows: `clock`, `events`.
  static Outcome<QueueHost> open(Clock& clock, Events& events, const QueueRange& served);

  int64_t now_ns() override { return realtime_ns(); }
  uint32_t seed() override;
  Result<ConnEntry> find_connection(const Tuple& tuple) override;
  Result<size_t> send_netlink(State& state, uint32_t port, uint32_t groups, Bytes payload) override;
  bool serves_queue(uint16_t number) override { return served_.has(number); }
  void report(const Report& report) override { events_.log(now_ns(), report); }

 private:
  QueueHost(Clock& clock, Events& events, const QueueRange& served, KernelConntrack conntrack,
            GroupSocket groups)
      : UserspaceHost(clock),
        events_(events),
        served_(served),
        conntrack_(std::move(conntrack)),
        groups_(std::move(groups)) {}
  int64_t timer_start_ns() override { return monotonic_ns(); }

  Events& events_;
  QueueRange served_;
  KernelConntrack conntrack_;
  GroupSocket groups_;
};

}  // namespace nflua::queue
