// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/clock.hpp"

#include <algorithm>
#include <utility>

namespace nflua {

void Clock::advance(int64_t time_ns, Ties ties) {
  if (!started_) {
    now_ns_ = time_ns;
    started_ = true;
    return;
  }
  if (time_ns < now_ns_) {
    ++backward_jumps_;
    time_ns = now_ns_;
  }
  for (uint32_t runs = 0; has_due(time_ns, ties); ++runs) {
    if (runs == kMaxTimersPerAdvance) {
      ++late_runs_;
      break;
    }
    run_first();
  }
  now_ns_ = time_ns;
}

size_t Clock::drain() {
  is_draining_ = true;
  while (!timers_.empty()) run_first();
  return left_.size();
}

bool Clock::has_due(int64_t time_ns, Ties ties) const {
  if (timers_.empty()) return false;
  const int64_t due_ns = next_due_ns();
  return due_ns < time_ns || (due_ns == time_ns && ties == Ties::run);
}

// It leaves the map first: its function may start it anew, and can't cancel it any more.
void Clock::run_first() {
  auto timer = timers_.extract(timers_.begin());
  now_ns_ = std::max(now_ns_, timer.key());
  timer.mapped().run();
}

Clock::TimerId Clock::start_timer_at(int64_t due_ns, std::function<void()> run) {
  Timers& timers = is_draining_ ? left_ : timers_;
  return timers.emplace(due_ns, Timer{std::move(run), is_draining_});
}

}  // namespace nflua
