// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/forward_arguments.hpp"

#include <fmt/format.h>

#include <map>

#include "cli/printable.hpp"

namespace nflua::cli {

std::vector<std::string> given_arguments(const CLI::App& command) {
  std::vector<std::string> arguments;
  // Of an option that may be given again, each time has the next result.
  std::map<const CLI::Option*, size_t> seen;
  for (const CLI::Option* option : command.parse_order()) {
    if (option->get_positional() || option->get_group() == kServerGroup) continue;
    arguments.push_back("--" + option->get_lnames().front());
    const bool is_flag = option->get_expected_min() == 0;
    if (!is_flag) arguments.push_back(option->results().at(seen[option]++));
  }
  return arguments;
}

void forward_arguments(const ServerOptions& server, uint16_t type, const std::string& state,
                       const std::vector<std::string>& arguments) {
  const std::vector<std::string_view> views(arguments.begin(), arguments.end());
  const control::Answer answer = server.connect().call(control::Arguments{type, state, views});
  if (!answer.text.empty()) fmt::print("{}\n", printable(answer.text));
}

}  // namespace nflua::cli
