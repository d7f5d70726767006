// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command_line.hpp"

int main(int argc, char** argv) { return nflua::cli::CommandLine().run(argc, argv); }
