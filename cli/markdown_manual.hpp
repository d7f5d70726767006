// SPDX-License-Identifier: GPL-2.0-or-later
// docs/cli.md.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace nflua::cli {

/// The program and its subcommands, as one page.
std::string markdown_manual(const CLI::App& program);

}  // namespace nflua::cli
