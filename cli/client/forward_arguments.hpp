// SPDX-License-Identifier: GPL-2.0-or-later
// Options of a command that are for the server: checked here, read there (cli/bind_options.hpp).
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "cli/client/server_options.hpp"

namespace nflua::cli {

/// What was given of the server's options, in that order, as it can be parsed again; not what
/// ServerOptions adds. Requires: `command` has been parsed.
std::vector<std::string> given_arguments(const CLI::App& command);

/// Sends the arguments as a command of this type, BIND or UNBIND, and prints the answer.
void forward_arguments(const ServerOptions& server, uint16_t type, const std::string& state,
                       const std::vector<std::string>& arguments);

}  // namespace nflua::cli
