// SPDX-License-Identifier: GPL-2.0-or-later
// CPU time of something that is too short to be measured once.
#pragma once

#include <stdint.h>
#include <time.h>

namespace nflua::bench {

inline constexpr uint32_t kWarmUpCalls = 100'000;
inline constexpr uint32_t kTimedCalls = 2'000'000;

inline double cpu_ns() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) * 1e9 + double(now.tv_nsec);
}

template <class Call>
double ns_per_call(Call call) {
  for (uint32_t i = 0; i < kWarmUpCalls; ++i) call();
  const double start_ns = cpu_ns();
  for (uint32_t i = 0; i < kTimedCalls; ++i) call();
  return (cpu_ns() - start_ns) / kTimedCalls;
}

}  // namespace nflua::bench
