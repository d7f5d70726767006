// SPDX-License-Identifier: GPL-2.0-or-later
// Neighbouring queues, by their numbers.
#pragma once

#include <cstdint>

namespace nflua::queue {

struct QueueRange {
  uint16_t first = 0;
  uint16_t count = 1;

  bool has(uint16_t number) const { return number >= first && number - first < count; }
  bool meets(const QueueRange& other) const {
    return first < other.first + other.count && other.first < first + count;
  }
  friend bool operator==(const QueueRange&, const QueueRange&) = default;
};

}  // namespace nflua::queue
