// SPDX-License-Identifier: GPL-2.0-or-later
// What a live run, or the daemon, lets people and programs see: events on standard output (--json)
// or logs on standard error, never at the price of the traffic.
#pragma once

#include <fmt/format.h>

#include <string>

#include "cli/background_writer.hpp"
#include "cli/json_events.hpp"
#include "cli/line_gate.hpp"
#include "cli/locked_events.hpp"
#include "cli/printable.hpp"
#include "cli/text_events.hpp"

namespace nflua::cli {

/// To standard error, unless nobody takes it.
void write_error(const std::string& text);

/// What a person should know.
template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  write_error(
      fmt::format("nflua: {}\n", printable(fmt::format(format, std::forward<Args>(args)...))));
}

class LiveOutput {
 public:
  /// Who reads standard output and goes away does not end the process from now on.
  LiveOutput(bool is_json, TimeZone zone);

  /// Context: any thread.
  Events& events() { return events_; }
  bool is_json() const { return is_json_; }
  uint64_t lines_left_out() const { return line_gate_.left_out(); }
  /// Writes what events still wait, and says what was left out.
  void finish();

 private:
  bool is_json_;
  BackgroundWriter json_writer_;
  JsonEvents json_events_;
  LineGate line_gate_;
  TextEvents text_events_;
  LockedEvents events_;
};

}  // namespace nflua::cli
