// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/limit_options.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <type_traits>

#include "datapath/parse_number.hpp"

namespace nflua::cli {

namespace {

/// "32768 to 4294967295", "at least 1".
std::string bounds_text(int64_t low, int64_t high) {
  return high == INT64_MAX ? fmt::format("at least {}", low) : fmt::format("{} to {}", low, high);
}

/// Decimal, and nothing after it. Errors: throws what CLI11 reports.
int64_t parse_bounded(const char* option, const std::string& text, int64_t low, int64_t high) {
  const std::optional<int64_t> value = parse_number<int64_t>(text);
  if (!value || *value < low || *value > high)
    throw CLI::ValidationError(
        option, fmt::format("expected an integer, {}, found '{}'", bounds_text(low, high), text));
  return *value;
}

}  // namespace

void add_limit_options(CLI::App& command, Limits& limits) {
  const auto add = [&command](const char* name, auto& value, int64_t low, int64_t high,
                              const char* what) {
    const auto set = [name, &value, low, high](const std::string& text) {
      value = static_cast<std::decay_t<decltype(value)>>(parse_bounded(name, text, low, high));
    };
    command.add_option_function<std::string>(name, set)
        ->description(fmt::format("{} ({}; default {})", what, bounds_text(low, high), value))
        ->type_name("N")
        ->group("Bounds");
  };
  add("--max-bytes", limits.max_bytes, kMinStateBytes, kMaxStateBytes,
      "Bytes that the state's Lua objects may take");
  add("--max-instructions", limits.max_instructions, 1, INT64_MAX,
      "Instructions of one call of a callback");
  add("--max-load-instructions", limits.max_load_instructions, 1, INT64_MAX,
      "Instructions of loading the script");
  add("--max-timers", limits.max_timers, 0, UINT32_MAX, "Timers armed at one time");
  add("--max-held-packets", limits.max_held_packets, 0, UINT32_MAX,
      "Packets stolen and not yet sent or closed");
  add("--max-held-bytes", limits.max_held_bytes, 0, INT64_MAX, "Bytes of such packets");
}

}  // namespace nflua::cli
