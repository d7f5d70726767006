// SPDX-License-Identifier: GPL-2.0-or-later
// DATA on its way into states. A state has so many messages waiting at the most. For one that takes
// them quickly the daemon then waits, and clients in their sockets: nothing is lost. One that is
// slow is told of no more, lest all others wait with it: the message is refused.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/outcome.hpp"

namespace nflua::cli {

/// Messages that one state has not handled yet.
inline constexpr size_t kMaxDeliveries = 64;

/// Of one message, on the average: above it a state is slow. What clients' sockets hold, about
/// 10 000 small messages, then makes nobody wait for more than two seconds.
inline constexpr int64_t kSlowDeliveryNs = 200'000;

/// Which message, and why its state did not take it.
struct FailedDelivery {
  uint32_t port = 0;
  uint32_t sequence = 0;
  std::string why;
};

/// Who sent what to whom.
struct DeliveryTicket {
  std::string state;
  uint32_t port = 0;
  uint32_t sequence = 0;
};

class Deliveries {
 public:
  /// `failed`: called in a worker's thread when there is something to take; it must not wait.
  explicit Deliveries(std::function<void()> failed) : failed_(std::move(failed)) {}

  // The daemon's thread.
  /// Waits until there is room. Errors: the state is slow, and there is none; counted.
  Failure begin(const DeliveryTicket& ticket);
  /// Waits until none of that client is on its way.
  void wait_for(uint32_t port);
  void wait_for_all();
  std::vector<FailedDelivery> take_failures();
  /// A state that is gone.
  void forget(const std::string& state);
  uint64_t refused() const { return refused_; }

  /// Context: any thread.
  void end(const DeliveryTicket& ticket, const Failure& failure, int64_t took_ns);

 private:
  struct Load {
    size_t waiting = 0;
    /// Of the last messages, the newer the weightier.
    int64_t average_ns = 0;

    bool is_full() const { return waiting >= kMaxDeliveries; }
    bool is_slow() const { return average_ns > kSlowDeliveryNs; }
  };

  std::function<void()> failed_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::map<std::string, Load> loads_;
  /// How many are on their way, by client; none: no entry.
  std::map<uint32_t, size_t> clients_;
  std::vector<FailedDelivery> failures_;
  uint64_t refused_ = 0;
};

}  // namespace nflua::cli
