// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <CLI/CLI.hpp>

namespace nflua::cli {

/// Makes `command` send the arguments after NAME to the server, as a command of this type: BIND or
/// UNBIND, and print the answer.
void forward_arguments(CLI::App& command, uint16_t type);

}  // namespace nflua::cli
