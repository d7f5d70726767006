// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with a command line, said before CLI11 reads it: CLI11 knows no suggestions, takes
// `-hook` for `-h` with something behind it, and takes the next argument for a value that is
// missing.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace nflua::cli {

/// The name among `known` that was most likely meant by `found`. Empty: none is near.
std::string nearest_name(const std::string& found, const std::vector<std::string>& known);

/// Looks at all arguments of the program: a subcommand, and what belongs to it. Errors: throws
/// CommandFailure for an option that does not exist, lacks its value, or stands twice.
void check_command_line(const CLI::App& app, const std::vector<std::string>& arguments);

/// The same for the arguments of one command.
void check_arguments(const CLI::App& command, const std::vector<std::string>& arguments);

}  // namespace nflua::cli
