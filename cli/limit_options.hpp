// SPDX-License-Identifier: GPL-2.0-or-later
// The bounds of a state as options.
#pragma once

#include <CLI/App.hpp>

#include "control/codec.hpp"
#include "engine/limits.hpp"

namespace nflua::cli {

/// Adds one --max-NAME for each bound. Borrows: `limits`, which parsing fills.
void add_limit_options(CLI::App& command, Limits& limits);

/// The same without --max-bytes, as a server takes them: what is not given stays 0, its default.
void add_limit_options(CLI::App& command, control::LimitValues& limits);

}  // namespace nflua::cli
