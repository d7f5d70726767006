// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/seat.hpp"

namespace nflua::queue {

Seat::Seat(Worker& worker, std::unique_ptr<Replica> replica)
    : worker_(worker), replica_(std::move(replica)), timer_(worker.io()) {
  run_timers();
}

Seat::~Seat() { close(); }

void Seat::close() {
  worker_.close_state([this] { replica_->state.reset(); });
}

void Seat::adopt(std::unique_ptr<Replica> next) {
  add_counters(past_, state().counters());
  // Until the old state is gone its rules must not meet a packet; none comes in between.
  close();
  replica_ = std::move(next);
  worker_.renew_rules();
  after_call();
}

void Seat::run_timers() {
  Clock& clock = replica_->clock;
  clock.advance(monotonic_ns());
  const int64_t due_ns = clock.next_due_ns();
  if (due_ns == armed_ns_) return;
  armed_ns_ = due_ns;
  timer_.cancel();
  if (due_ns == INT64_MAX) return;
  timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(due_ns)));
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](std::error_code error) {
    if (error || alive.expired()) return;
    armed_ns_ = INT64_MAX;
    after_call();
  });
}

void Seat::after_call() {
  run_timers();
  worker_.flush();
}

StateSummary Seat::summary() const {
  const State& state = *replica_->state;
  StateSummary summary;
  summary.counters = past_;
  add_counters(summary.counters, state.counters());
  summary.bytes_used = state.bytes_used();
  summary.timers_armed = state.armed_timers();
  summary.held = state.held_packets();
  return summary;
}

}  // namespace nflua::queue
