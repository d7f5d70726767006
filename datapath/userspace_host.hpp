// SPDX-License-Identifier: GPL-2.0-or-later
// What the hosts of the userspace datapaths share: memory from the heap, timers in a Clock.
#pragma once

#include "datapath/clock.hpp"
#include "engine/host.hpp"

namespace nflua {

class UserspaceHost : public Host {
 public:
  void* reallocate(void* block, size_t old_bytes, size_t new_bytes) final;
  TimerHandle* start_timer(State& state, Timer& timer, uint32_t delay_ms) final;
  void cancel_timer(TimerHandle* handle) final;

 protected:
  /// Borrows: `clock`.
  explicit UserspaceHost(Clock& clock) : clock_(clock) {}
  ~UserspaceHost() = default;

  Clock& clock() { return clock_; }

 private:
  /// Where a timer's delay begins, in the clock's time: now.
  virtual int64_t timer_start_ns() = 0;

  Clock& clock_;
};

}  // namespace nflua
