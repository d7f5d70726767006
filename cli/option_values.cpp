// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/option_values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "datapath/parse_number.hpp"

namespace nflua::cli {

namespace {

/// "open or closed", "auto, early or late".
std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

}  // namespace

std::string bounds_text(int64_t low, int64_t high) {
  return high == INT64_MAX ? fmt::format("at least {}", low) : fmt::format("{} to {}", low, high);
}

int64_t parse_bounded(const std::string& option, const std::string& text, int64_t low,
                      int64_t high) {
  const std::optional<int64_t> value = parse_number<int64_t>(text);
  if (!value || *value < low || *value > high)
    throw CLI::ValidationError(
        option, fmt::format("expected an integer, {}, found '{}'", bounds_text(low, high), text));
  return *value;
}

CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        const std::vector<std::string>& choices) {
  const auto set = [name, &value, choices](const std::string& text) {
    if (std::find(choices.begin(), choices.end(), text) == choices.end())
      throw CLI::ValidationError(
          name, fmt::format("expected {}, found '{}'", alternatives(choices), text));
    value = text;
  };
  return command.add_option_function<std::string>(name, set);
}

}  // namespace nflua::cli
