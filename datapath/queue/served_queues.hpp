// SPDX-License-Identifier: GPL-2.0-or-later
// The NFQUEUEs of which this process is a listener: a packet that a script sends there would come
// back for ever. Context: any thread.
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "datapath/queue/queue_range.hpp"

namespace nflua::queue {

class ServedQueues {
 public:
  void add(const QueueRange& range) {
    const std::lock_guard lock(mutex_);
    ranges_.push_back(range);
  }
  void remove(const QueueRange& range) {
    const std::lock_guard lock(mutex_);
    std::erase(ranges_, range);
  }
  bool has(uint16_t number) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [number](const QueueRange& range) { return range.has(number); });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<QueueRange> ranges_;
};

}  // namespace nflua::queue
