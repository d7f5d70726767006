// SPDX-License-Identifier: GPL-2.0-or-later
// --utc: of every command whose lines for people tell the time of day.
#pragma once

#include <CLI/App.hpp>

#include "cli/text_events.hpp"

namespace nflua::cli {

/// Borrows: `zone`.
inline void add_utc_option(CLI::App& command, TimeZone& zone) {
  command.add_flag_callback(
      "--utc", [&zone] { zone = TimeZone::utc; },
      "Write the time of log lines in UTC instead of the local zone (TZ); events of --json count "
      "nanoseconds since 1970 in either case");
}

}  // namespace nflua::cli
