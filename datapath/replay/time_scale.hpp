// SPDX-License-Identifier: GPL-2.0-or-later
// How an interface of a pcapng capture counts time: by if_tsresol and if_tsoffset, microseconds
// without them. Pure functions.
#pragma once

#include <stdint.h>

#include <optional>

namespace nflua::replay {

/// Nanoseconds since the epoch are (count * multiplier / divisor >> shift) + offset.
struct TimeScale {
  uint64_t multiplier = 1000;
  uint64_t divisor = 1;
  uint8_t shift = 0;
  int64_t offset_s = 0;

  /// `resolution`: the value of if_tsresol.
  void set_resolution(uint8_t resolution);
  /// A hostile scale leaves the range of nanoseconds: then its nearest end.
  int64_t to_ns(uint64_t count) const;
  /// The last count that is not later. nullopt: the scale has none.
  std::optional<uint64_t> to_count(int64_t time_ns) const;
};

}  // namespace nflua::replay
