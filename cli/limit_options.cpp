// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/limit_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "cli/option_values.hpp"

namespace nflua::cli {

namespace {

/// "max_held_bytes" → "--max-held-bytes".
std::string option_of(const char* key) {
  std::string name = fmt::format("--{}", key);
  std::ranges::replace(name, '_', '-');
  return name;
}

/// What the option takes at most: the type's greatest value that a message can have, too.
template <class T>
constexpr int64_t greatest() {
  constexpr uint64_t kOfType = std::numeric_limits<T>::max();
  return static_cast<int64_t>(std::min<uint64_t>(kOfType, INT64_MAX));
}

/// `otherwise`: what holds where it isn't given.
template <class T>
void add(CLI::App& command, const char* key, T& value, int64_t low, int64_t high, const char* what,
         const std::string& otherwise) {
  add_number(command, option_of(key), value, low, high)
      ->description(fmt::format("{} ({}; default {})", what, bounds_text(low, high), otherwise))
      ->group("Bounds");
}

}  // namespace

void add_limit_options(CLI::App& command, Limits& limits) {
  add(command, "max_bytes", limits.max_bytes, kMinStateBytes, kMaxStateBytes,
      "Bytes that the state's Lua objects may take", std::to_string(limits.max_bytes));
#define NFLUA_LIMIT(key, type, wire, parameter, value, kernel_value, least, meaning) \
  add(command, #key, limits.key, least, greatest<type>(), meaning, std::to_string(limits.key));
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
}

void add_limit_options(CLI::App& command, control::LimitValues& limits) {
  constexpr int64_t kLeast = 1;  // 0 says nothing there
#define NFLUA_LIMIT(key, type, wire, parameter, value, kernel_value, least, meaning) \
  add(command, #key, limits.key, kLeast, greatest<type>(), meaning, "the server's");
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
}

}  // namespace nflua::cli
