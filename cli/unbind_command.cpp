// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua unbind`: no more packets for a state.
#include "cli/command_line.hpp"
#include "cli/forward_arguments.hpp"
#include "control/protocol.h"

namespace nflua::cli {

namespace {

constexpr const char* kDescription = R"(Take a state's rules away

What follows NAME says which, as the server takes it; nothing: all of them. Options of this command
itself stand before NAME.)";

}  // namespace

void add_unbind_command(CLI::App& app) {
  forward_arguments(*app.add_subcommand("unbind", kDescription), NFLUA_UNBIND);
}

}  // namespace nflua::cli
