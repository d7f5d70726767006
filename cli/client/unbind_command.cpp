// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua unbind`: no more packets for a state.
#include <memory>

#include "cli/bind_options.hpp"
#include "cli/client/forward_arguments.hpp"
#include "cli/command_line.hpp"

namespace nflua::cli {

namespace {

struct UnbindCommand {
  std::string state;
  UnbindOptions unbind;
  ServerOptions server;
};

constexpr const char* kDescription = R"(Remove a state's rules

This removes all of its rules, or those that the options select. Packets of a place without rules pass.
With the kernel module, delete rules of iptables instead: `iptables -D ...`.)";

constexpr const char* kFooter = R"(Examples
  nflua unbind dns  Remove all rules, so that the state can be destroyed
  nflua unbind dns --hook input --match is_bad  Remove only these rules
)";

}  // namespace

void add_unbind_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("unbind", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<UnbindCommand>();
  command->add_option("NAME", options->state, "The state")->required();
  options->unbind.add_to(*command);
  options->server.add_to(*command);
  command->callback([options, command] {
    // What a daemon would refuse as well.
    if (!options->server.server().is_kernel()) (void)options->unbind.selection();
    forward_arguments(options->server, NFLUA_UNBIND, options->state, given_arguments(*command));
  });
}

}  // namespace nflua::cli
