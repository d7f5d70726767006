// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua bind`: packets for a state.
#include <memory>

#include "cli/bind_options.hpp"
#include "cli/client/forward_arguments.hpp"
#include "cli/command_line.hpp"

namespace nflua::cli {

namespace {

struct BindCommand {
  std::string state;
  BindOptions bind;
  ServerOptions server;
};

/// What a daemon would refuse as well; whether it has the functions, only it knows.
void check(const BindOptions& bind) {
  (void)bind.place();
  (void)bind.rules([](const char*) { return true; });
}

constexpr const char* kDescription = R"(Bind a state's functions to packets, as rules

From now on the functions are called for packets of a hook, or of NFQUEUEs that your own rules send
packets to. They come after the rules that are already bound there with the same options. Without any
rule on the command line, the state's global function `match` is used as a match, and after it its
global function `target` as a target. In the kernel module, rules of iptables do this:
`iptables -A FORWARD -m lua --state NAME --function match -j DROP`.)";

constexpr const char* kFooter = R"(Examples
  nflua bind dns --hook input --filter 'udp port 53' --match is_bad  Bind at a hook, with a rule that nflua makes
  nflua bind dns --queue 0-3 --target judge  Bind under iptables' -j NFQUEUE --queue-balance 0:3
)";

}  // namespace

void add_bind_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bind", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<BindCommand>();
  command->add_option("NAME", options->state, "The state")->required();
  options->bind.add_to(*command);
  options->server.add_to(*command);
  command->callback([options, command] {
    if (!options->server.server().is_kernel()) check(options->bind);
    forward_arguments(options->server, NFLUA_BIND, options->state, given_arguments(*command));
  });
}

}  // namespace nflua::cli
