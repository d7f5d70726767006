// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua bind`: packets for a state.
#include "cli/command_line.hpp"
#include "cli/forward_arguments.hpp"
#include "control/protocol.h"

namespace nflua::cli {

namespace {

constexpr const char* kDescription = R"(Bind a state's functions to packets, as rules

What follows NAME are the options of `nflua run`, as the server takes them: --queue or --hook, --match
and --target. Options of this command itself stand before NAME.)";

constexpr const char* kFooter = R"(Examples
  nflua bind dns --hook input --filter 'udp port 53' --match is_bad  A rule of our own
)";

}  // namespace

void add_bind_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bind", kDescription);
  command->footer(kFooter);
  forward_arguments(*command, NFLUA_BIND);
}

}  // namespace nflua::cli
