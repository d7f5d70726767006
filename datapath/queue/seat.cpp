// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/seat.hpp"

#include "datapath/engine_text.hpp"

namespace nflua::queue {

namespace {

/// Messages are given to a state so long until packets get their turn.
constexpr int64_t kDeliveryTurnNs = 1'000'000;

}  // namespace

Seat::Seat(Worker& worker, std::unique_ptr<Replica> replica)
    : worker_(worker), replica_(std::move(replica)), timer_(worker.io()) {
  replica_->host.move_to(worker_);
  run_timers();
}

Seat::~Seat() {
  close();
  for (const Delivery& delivery : inbox_) delivery.done(Failure("the state was destroyed"), 0);
}

void Seat::close() {
  worker_.close_state([this] { replica_->state.reset(); });
}

void Seat::adopt(std::unique_ptr<Replica> next) {
  add_counters(past_, state().counters());
  // Until the old state is gone its rules must not meet a packet; none comes in between.
  close();
  replica_ = std::move(next);
  replica_->host.move_to(worker_);
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

void Seat::deliver(Delivery delivery) {
  inbox_.push_back(std::move(delivery));
  if (inbox_.size() == 1) deliver_soon();
}

void Seat::deliver_soon() {
  worker_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) deliver_some();
  });
}

void Seat::deliver_some() {
  const int64_t began_ns = monotonic_ns();
  while (!inbox_.empty() && monotonic_ns() - began_ns < kDeliveryTurnNs) deliver_first();
  after_call();
  if (!inbox_.empty()) deliver_soon();
}

void Seat::deliver_first() {
  Delivery delivery = std::move(inbox_.front());
  const int64_t began_ns = monotonic_ns();
  const Error error =
      state().receive(delivery.port, {delivery.bytes.data(), delivery.bytes.size()});
  Failure failure = failure_of(error, state());
  inbox_.pop_front();
  delivery.done(std::move(failure), monotonic_ns() - began_ns);
}

StateSummary Seat::summary() const {
  const State& state = *replica_->state;
  StateSummary summary;
  summary.counters = past_;
  add_counters(summary.counters, state.counters());
  summary.bytes_used = summary.bytes_of_fullest = state.bytes_used();
  summary.timers_armed = state.armed_timers();
  summary.held = state.held_packets();
  return summary;
}

}  // namespace nflua::queue
