// SPDX-License-Identifier: GPL-2.0-or-later
// The bounds of a state as options.
#pragma once

#include <CLI/CLI.hpp>

#include "engine/limits.hpp"

namespace nflua::cli {

/// Adds one --max-NAME for each bound. Borrows: `limits`, which parsing fills.
void add_limit_options(CLI::App& command, Limits& limits);

}  // namespace nflua::cli
