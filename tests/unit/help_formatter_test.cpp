// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/help_formatter.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "cli/command_line.hpp"
#include "cli/manual.hpp"

namespace nflua::cli {
namespace {

TEST(HelpFormatter, no_line_is_wider_than_a_terminal) {
  CommandLine command_line;
  std::vector<const CLI::App*> apps = subcommands_of(command_line.app());
  apps.push_back(&command_line.app());
  for (const CLI::App* app : apps) {
    std::istringstream help(help_text(manual_of(*app)));
    for (std::string line; std::getline(help, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(HelpFormatter, every_part_of_a_command_has_its_place) {
  CLI::App app("Does it\n\nAt length.", "it");
  std::string text;
  bool flag = false;
  app.add_option("FILE", text)->required()->description("What to read");
  app.add_option("-o,--output", text)->type_name("NAME")->description("What to write");
  app.add_flag("--fast", flag)->description("Hurry")->group("Speed");
  app.set_help_flag();
  app.footer("Examples\n  it --fast x  Soon done\n");
  EXPECT_EQ(help_text(manual_of(app)), R"(Usage: it [OPTIONS] FILE

Does it

At length.

Arguments:
  FILE                       What to read

Options:
  -o, --output NAME          What to write

Speed:
  --fast                     Hurry

Examples:
  it --fast x                Soon done
)");
}

}  // namespace
}  // namespace nflua::cli
