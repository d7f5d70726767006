// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/forward_arguments.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/printable.hpp"
#include "cli/server_options.hpp"

namespace nflua::cli {

namespace {

struct ForwardOptions {
  std::string state;
  ServerOptions server;
};

void forward(const ForwardOptions& options, uint16_t type, const CLI::App& command) {
  const std::vector<std::string> rest = command.remaining();
  const std::vector<std::string_view> arguments(rest.begin(), rest.end());
  const control::Answer answer =
      options.server.connect().call(control::Arguments{type, options.state, arguments});
  if (!answer.text.empty()) fmt::print("{}\n", printable(answer.text));
}

}  // namespace

void forward_arguments(CLI::App& command, uint16_t type) {
  const auto options = std::make_shared<ForwardOptions>();
  command.add_option("NAME", options->state, "The state")->required();
  options->server.add_to(command);
  command.prefix_command();
  command.callback([options, type, &command] { forward(*options, type, command); });
}

}  // namespace nflua::cli
