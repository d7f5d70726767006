// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/limit_options.hpp"

#include <cstdint>

namespace nflua::cli {

void add_limit_options(CLI::App& command, Limits& limits) {
  const auto add = [&command](const char* name, auto& value, int64_t low, int64_t high,
                              const char* description) {
    command.add_option(name, value, description)
        ->check(CLI::Range(low, high))
        ->type_name("N")
        ->capture_default_str()
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
