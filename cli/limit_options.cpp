// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/limit_options.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "cli/option_values.hpp"

namespace nflua::cli {

namespace {

/// Adds one option: its bounds and what it means.
class Adder {
 public:
  explicit Adder(CLI::App& command) : command_(command) {}

  /// `otherwise`: what holds where it isn't given.
  template <class T>
  void operator()(const char* name, T& value, int64_t low, int64_t high, const char* what,
                  const std::string& otherwise) {
    add_number(command_, name, value, low, high)
        ->description(fmt::format("{} ({}; default {})", what, bounds_text(low, high), otherwise))
        ->group("Bounds");
  }

 private:
  CLI::App& command_;
};

/// Of both kinds. `low_count`: the least number of timers and packets.
template <class Values, class Otherwise>
void add_common(Adder& add, Values& limits, int64_t low_count, const Otherwise& otherwise) {
  add("--max-instructions", limits.max_instructions, 1, INT64_MAX,
      "Instructions of one call of a callback", otherwise(limits.max_instructions));
  add("--max-load-instructions", limits.max_load_instructions, 1, INT64_MAX,
      "Instructions of loading the script", otherwise(limits.max_load_instructions));
  add("--max-timers", limits.max_timers, low_count, UINT32_MAX, "Timers armed at one time",
      otherwise(limits.max_timers));
  add("--max-held-packets", limits.max_held_packets, low_count, UINT32_MAX,
      "Packets stolen and not yet sent or closed", otherwise(limits.max_held_packets));
  add("--max-held-bytes", limits.max_held_bytes, low_count, INT64_MAX, "Bytes of such packets",
      otherwise(limits.max_held_bytes));
}

}  // namespace

void add_limit_options(CLI::App& command, Limits& limits) {
  Adder add(command);
  const auto otherwise = [](auto value) { return std::to_string(value); };
  add("--max-bytes", limits.max_bytes, kMinStateBytes, kMaxStateBytes,
      "Bytes that the state's Lua objects may take", otherwise(limits.max_bytes));
  add_common(add, limits, 0, otherwise);
}

void add_limit_options(CLI::App& command, control::LimitValues& limits) {
  Adder add(command);
  constexpr int64_t kLeast = 1;  // 0 says nothing there
  add_common(add, limits, kLeast, [](auto) { return "the server's"; });
}

}  // namespace nflua::cli
