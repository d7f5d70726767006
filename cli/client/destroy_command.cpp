// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua destroy`: the end of a state.
#include <memory>

#include "cli/client/server_options.hpp"
#include "cli/command_line.hpp"

namespace nflua::cli {

namespace {

struct DestroyOptions {
  std::string name;
  ServerOptions server;
};

constexpr const char* kDescription = R"(Destroy a state

Its timers are cancelled. Packets that it holds pass or are dropped by --fail of their place; in the
kernel module they are dropped. The command is refused while a rule refers to the state. Run `nflua unbind` first or, with the
kernel module, delete the rules of iptables.)";

}  // namespace

void add_destroy_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("destroy", kDescription);
  const auto options = std::make_shared<DestroyOptions>();
  command->add_option("NAME", options->name, "The state")->required();
  options->server.add_to(*command);
  command->callback([options] { options->server.connect().call(control::Destroy{options->name}); });
}

}  // namespace nflua::cli
