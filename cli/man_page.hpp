// SPDX-License-Identifier: GPL-2.0-or-later
// nflua.1, in the language of man(7).
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace nflua::cli {

/// The program and its subcommands, as one page.
std::string man_page(const CLI::App& program);

}  // namespace nflua::cli
