// SPDX-License-Identifier: GPL-2.0-or-later
// What a person should see of a run's events: logs and errors, on standard error, rate-limited.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "datapath/events.hpp"

namespace nflua::cli {

class TextEvents final : public Events {
 public:
  /// `admit_line`: asked before a line is written; without it, all are.
  explicit TextEvents(std::function<bool()> admit_line = {}) : admit_line_(std::move(admit_line)) {}

  void packet(uint64_t, int64_t, Bytes, uint32_t) override {}
  void rule(uint64_t, const Rule&, Verdict) override {}
  void verdict(uint64_t, int64_t, const Decision&, uint32_t) override {}
  void held_end(uint64_t, int64_t, HeldEnd, Bytes) override {}
  void reply(uint64_t, int64_t, Bytes) override {}
  void datagram(int64_t, uint32_t, uint32_t, Bytes) override {}
  void log(int64_t time_ns, const Report& report) override;

 private:
  std::function<bool()> admit_line_;
  /// How often this kind has come, this time included.
  uint64_t count_error(const Report& report);

  /// How often each kind of error has come, by function and first line.
  std::unordered_map<std::string, uint64_t> errors_;
};

}  // namespace nflua::cli
