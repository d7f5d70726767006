// SPDX-License-Identifier: GPL-2.0-or-later
// Which lines of a live run's log are written: never at the price of the traffic. Lines beyond a
// rate, or that nobody takes, are left out and counted.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace nflua::cli {

/// How many lines a run may write: so many a second, and a burst.
inline constexpr double kLogLinesPerSecond = 200;
inline constexpr double kLogBurstLines = 2000;

class LineGate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `is_taken`: whether a line would be written at once.
  bool admit(Time now, bool is_taken);
  uint64_t left_out() const { return left_out_; }

 private:
  double lines_ = kLogBurstLines;
  Time refilled_{};
  /// Read by another thread than the one that counts.
  std::atomic<uint64_t> left_out_{0};
};

/// Whether standard error takes a line without waiting: a terminal or a pipe may be stuck.
bool standard_error_takes_a_line();

}  // namespace nflua::cli
