// SPDX-License-Identifier: GPL-2.0-or-later
// What a person should see of a run's events: logs and errors, on standard error, rate-limited.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "datapath/events.hpp"

namespace nflua::cli {

/// In which lines tell the time of day.
enum class TimeZone : uint8_t { local, utc };

/// "03:34:31.905023+0200", "01:34:31.905023Z". Units: nanoseconds since the epoch.
std::string clock_time(int64_t time_ns, TimeZone zone);

class TextEvents final : public Events {
 public:
  /// `admit_line`: asked before a line is written; without it, all are.
  explicit TextEvents(TimeZone zone, std::function<bool()> admit_line = {})
      : zone_(zone), admit_line_(std::move(admit_line)) {}

  void packet(uint64_t, int64_t, Bytes, uint32_t) override {}
  void rule(uint64_t, const Rule&, Verdict) override {}
  void verdict(uint64_t, int64_t, const Decision&, uint32_t) override {}
  void held_end(uint64_t, int64_t, HeldEnd, Bytes) override {}
  void reply(uint64_t, int64_t, Bytes) override {}
  void datagram(int64_t, uint32_t, uint32_t, Bytes) override {}
  void log(int64_t time_ns, const Report& report) override;

 private:
  TimeZone zone_;
  std::function<bool()> admit_line_;
  /// How often this kind has come, this time included.
  uint64_t count_error(const Report& report);

  /// How often each kind of error has come, by function and first line.
  std::unordered_map<std::string, uint64_t> errors_;
};

}  // namespace nflua::cli
