// SPDX-License-Identifier: GPL-2.0-or-later
// Prints the command's documents, from the same tree as its --help:
//   nflua-docs markdown    docs/cli.md
//   nflua-docs man         nflua.1
//   nflua-docs stats       docs/stats.md
#include <fmt/format.h>

#include <string_view>

#include "cli/command_line.hpp"
#include "cli/exit_status.hpp"
#include "cli/man_page.hpp"
#include "cli/markdown_manual.hpp"
#include "cli/stats_page.hpp"

int main(int argc, char** argv) {
  using namespace nflua::cli;
  const std::string_view form = argc == 2 ? argv[1] : "";
  CommandLine command_line;
  if (form == "markdown")
    fmt::print("{}", markdown_manual(command_line.app()));
  else if (form == "man")
    fmt::print("{}", man_page(command_line.app()));
  else if (form == "stats")
    fmt::print("{}", stats_page());
  else
    return fmt::print(stderr, "usage: nflua-docs markdown|man|stats\n"), kUsage;
  return kSuccess;
}
