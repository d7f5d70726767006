// SPDX-License-Identifier: GPL-2.0-or-later
// A datapath's time, which never runs backwards, and the timers that run in it, in order between
// packets. A replay advances it to the time of each packet, a live datapath to the monotonic time.
//
//   advance(time of the next packet) → the packet … → drain() after the last one of a capture
// Timers of one nanosecond run in the order of their creation. A timer never runs early; it runs
// late (counted) when the timers before it have used up the bound of one advance().
// Context: a timer's function may start and cancel timers, but not call advance() or drain().
#pragma once

#include <stdint.h>

#include <functional>
#include <map>
#include <utility>

namespace nflua {

/// Timers that run in one advance(): one that starts itself again at no delay must not stop the
/// packets.
inline constexpr uint32_t kMaxTimersPerAdvance = 100'000;

/// A hostile capture may set the clock close to the end of time: nothing is later than that.
/// Requires: duration_ns >= 0.
inline int64_t later(int64_t time_ns, int64_t duration_ns) {
  int64_t sum;
  return __builtin_add_overflow(time_ns, duration_ns, &sum) ? INT64_MAX : sum;
}

/// What becomes of the timers that are due at the very time to which the clock advances.
enum class Ties : uint8_t {
  run,
  wait,  ///< for the next advance(): something else comes first
};

class Clock {
 public:
  struct Timer {
    std::function<void()> run;
    bool is_left;
  };
  using Timers = std::multimap<int64_t, Timer>;
  /// Valid until the timer starts to run or is cancelled.
  using TimerId = Timers::iterator;

  int64_t now_ns() const { return now_ns_; }

  /// Runs what is due until `time_ns` at the time when it is due, then sets the clock to it. An
  /// earlier time than now leaves the clock (counted).
  void advance(int64_t time_ns, Ties ties = Ties::run);
  /// Runs each timer that is armed now, but none that these start: they can't run for ever. Returns
  /// how many those are.
  size_t drain();

  TimerId start_timer(int64_t delay_ns, std::function<void()> run) {
    return start_timer_at(later(now_ns_, delay_ns), std::move(run));
  }
  TimerId start_timer_at(int64_t due_ns, std::function<void()> run);
  void cancel_timer(TimerId timer) { (timer->second.is_left ? left_ : timers_).erase(timer); }

  /// INT64_MAX: none is armed.
  int64_t next_due_ns() const { return timers_.empty() ? INT64_MAX : timers_.begin()->first; }

  uint64_t backward_jumps() const { return backward_jumps_; }
  /// Times that advance() had to leave due timers to its successor.
  uint64_t late_runs() const { return late_runs_; }

 private:
  bool has_due(int64_t time_ns, Ties ties) const;
  void run_first();

  int64_t now_ns_ = 0;
  /// Of the first packet: before it, any time is later.
  bool started_ = false;
  uint64_t backward_jumps_ = 0;
  uint64_t late_runs_ = 0;
  Timers timers_;
  /// Started during drain().
  Timers left_;
  bool is_draining_ = false;
};

}  // namespace nflua
