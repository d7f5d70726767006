// SPDX-License-Identifier: GPL-2.0-or-later
// DATA on its way into states: so much at a time, so that a flood of it lets packets through, and
// clients wait in their sockets.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "support/outcome.hpp"

namespace nflua::cli {

/// Messages that the states have not handled yet, of all clients.
inline constexpr size_t kMaxDeliveries = 64;

/// Which message, and why its state did not take it.
struct FailedDelivery {
  uint32_t port = 0;
  uint32_t sequence = 0;
  std::string why;
};

class Deliveries {
 public:
  /// `failed`: called in a worker's thread when there is something to take; it must not wait.
  explicit Deliveries(std::function<void()> failed) : failed_(std::move(failed)) {}

  // The daemon's thread.
  /// Waits until there is room.
  void begin();
  /// Waits until none is on its way.
  void wait_for_all();
  std::vector<FailedDelivery> take_failures();

  /// Context: any thread.
  void end(uint32_t port, uint32_t sequence, const Failure& failure);

 private:
  std::function<void()> failed_;
  std::mutex mutex_;
  std::condition_variable ended_;
  size_t on_their_way_ = 0;
  std::vector<FailedDelivery> failures_;
};

}  // namespace nflua::cli
