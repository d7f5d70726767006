// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/daemon/deliveries.hpp"

#include <utility>

namespace nflua::cli {

void Deliveries::begin() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return on_their_way_ < kMaxDeliveries; });
  ++on_their_way_;
}

void Deliveries::wait_for_all() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return on_their_way_ == 0; });
}

std::vector<FailedDelivery> Deliveries::take_failures() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failures_, {});
}

void Deliveries::end(uint32_t port, uint32_t sequence, const Failure& failure) {
  const std::lock_guard lock(mutex_);
  if (failure) {
    failures_.push_back({port, sequence, failure.message()});
    failed_();
  }
  --on_their_way_;
  ended_.notify_all();
}

}  // namespace nflua::cli
