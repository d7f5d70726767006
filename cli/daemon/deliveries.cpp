// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/daemon/deliveries.hpp"

#include <fmt/format.h>

#include <utility>

namespace nflua::cli {

namespace {

/// The weight of all earlier messages against the newest one's.
constexpr int64_t kMemory = 7;
constexpr int64_t kNsPerUs = 1000;

}  // namespace

Failure Deliveries::begin(const DeliveryTicket& ticket) {
  std::unique_lock lock(mutex_);
  Load& load = loads_[ticket.state];
  ended_.wait(lock, [&load] { return !load.is_full() || load.is_slow(); });
  if (load.is_full()) {
    ++refused_;
    return Failure(fmt::format(
        "{}: {} messages wait already for its __receive_callback, which takes {} us for one; send "
        "fewer, or make it quicker",
        ticket.state, load.waiting, load.average_ns / kNsPerUs));
  }
  ++load.waiting;
  ++clients_[ticket.port];
  return {};
}

void Deliveries::wait_for(uint32_t port) {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this, port] { return !clients_.contains(port); });
}

void Deliveries::wait_for_all() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return clients_.empty(); });
}

std::vector<FailedDelivery> Deliveries::take_failures() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failures_, {});
}

void Deliveries::forget(const std::string& state) {
  const std::lock_guard lock(mutex_);
  loads_.erase(state);
}

void Deliveries::end(const DeliveryTicket& ticket, const Failure& failure, int64_t took_ns) {
  const std::lock_guard lock(mutex_);
  if (failure) {
    failures_.push_back({ticket.port, ticket.sequence, failure.message()});
    failed_();
  }
  Load& load = loads_[ticket.state];
  load.average_ns = (load.average_ns * kMemory + took_ns) / (kMemory + 1);
  --load.waiting;
  if (--clients_[ticket.port] == 0) clients_.erase(ticket.port);
  ended_.notify_all();
}

}  // namespace nflua::cli
