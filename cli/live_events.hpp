// SPDX-License-Identifier: GPL-2.0-or-later
// Events of a live run: told by several threads, and never at the price of the traffic. Lines of
// log beyond a rate, or that nobody takes, are left out and counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "datapath/events.hpp"

namespace nflua::cli {

/// How many lines of log a run may write: so many a second, and a burst.
inline constexpr double kLogLinesPerSecond = 200;
inline constexpr double kLogBurstLines = 2000;

class LiveEvents final : public Events {
 public:
  /// `limits_log`: for people; programs get every event. Borrows: `inner`.
  LiveEvents(Events& inner, bool limits_log) : inner_(inner), limits_log_(limits_log) {}

  void packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) override;
  void rule(uint64_t number, const Rule& rule, Verdict verdict) override;
  void verdict(uint64_t number, int64_t time_ns, const Decision& decision, uint32_t mark) override;
  void held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) override;
  void reply(uint64_t number, int64_t time_ns, Bytes ip) override;
  void datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) override;
  void log(int64_t time_ns, const Report& report) override;

  /// Lines of log that were left out.
  uint64_t lines_left_out();

 private:
  bool admit_line();

  std::mutex mutex_;
  Events& inner_;
  bool limits_log_;
  double lines_ = kLogBurstLines;
  std::chrono::steady_clock::time_point refilled_ = std::chrono::steady_clock::now();
  uint64_t left_out_ = 0;
};

}  // namespace nflua::cli
