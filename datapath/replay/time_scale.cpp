// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/time_scale.hpp"

#include <algorithm>
#include <limits>

#include "datapath/replay/capture_format.hpp"

namespace nflua::replay {
namespace {

uint64_t power_of_ten(unsigned exponent) {
  uint64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

}  // namespace

void TimeScale::set_resolution(uint8_t resolution) {
  constexpr unsigned kMaxPowerOfTen = 19;  // of 64 bits
  const unsigned exponent = resolution & ~unsigned{kResolutionIsBinary};
  divisor = 1;
  shift = 0;
  if (resolution & kResolutionIsBinary) {
    multiplier = kNsPerSecond;
    shift = uint8_t(exponent);
  } else if (exponent <= kNanosecondResolution) {
    multiplier = power_of_ten(kNanosecondResolution - exponent);
  } else if (exponent - kNanosecondResolution <= kMaxPowerOfTen) {
    multiplier = 1;
    divisor = power_of_ten(exponent - kNanosecondResolution);
  } else {
    multiplier = 0;  // all that 64 bits can say is less than a nanosecond
  }
}

int64_t TimeScale::to_ns(uint64_t count) const {
  __int128 ns = __int128{count} * multiplier;
  if (divisor != 1) ns /= divisor;
  ns = (ns >> shift) + __int128{offset_s} * kNsPerSecond;
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  return int64_t(std::clamp<__int128>(ns, kMin, kMax));
}

std::optional<uint64_t> TimeScale::to_count(int64_t time_ns) const {
  constexpr unsigned kMaxShift = 63;  // beyond it, a nanosecond is more than 64 bits can count
  const __int128 ns = time_ns - __int128{offset_s} * kNsPerSecond;
  if (ns < 0 || ns > std::numeric_limits<int64_t>::max() || multiplier == 0 || shift > kMaxShift)
    return {};
  const __int128 count = (ns << shift) * divisor / multiplier;
  if (count > std::numeric_limits<uint64_t>::max()) return {};
  return uint64_t(count);
}

}  // namespace nflua::replay
