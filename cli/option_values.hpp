// SPDX-License-Identifier: GPL-2.0-or-later
// Options whose values are numbers or words of a list: read here, since CLI11's own checks write
// their innards into the manual and say neither what was found nor what was expected.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nflua::cli {

/// Decimal, and nothing after it. Errors: throws what CLI11 reports.
int64_t parse_bounded(const std::string& option, const std::string& text, int64_t low,
                      int64_t high);

/// "32768 to 4294967295", "at least 1".
std::string bounds_text(int64_t low, int64_t high);

/// A whole number from `low` to `high`, which is in T. Borrows: `value`, which parsing fills.
template <class T>
CLI::Option* add_number(CLI::App& command, const std::string& name, T& value, int64_t low,
                        int64_t high) {
  const auto set = [name, &value, low, high](const std::string& text) {
    value = static_cast<T>(parse_bounded(name, text, low, high));
  };
  return command.add_option_function<std::string>(name, set)->type_name("N");
}

/// One of these words. Borrows: `value`, which parsing fills.
CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        const std::vector<std::string>& choices);

}  // namespace nflua::cli
