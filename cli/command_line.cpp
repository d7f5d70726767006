// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command_line.hpp"

#include <fmt/format.h>

#include "cli/command_failure.hpp"
#include "cli/version.hpp"

namespace nflua::cli {

namespace {

/// nullptr: there is none of that name.
const CLI::App* find_subcommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* subcommand : app.get_subcommands(nullptr))
    if (subcommand->get_name() == name) return subcommand;
  return nullptr;
}

}  // namespace

CommandLine::CommandLine()
    : app_("Packet filters written in Lua: tried on a capture, run on live traffic.", "nflua") {
  app_.set_version_flag("--version", fmt::format("nflua {}", kVersion), "Print the version");
  app_.require_subcommand(1);
  app_.footer(
      "Exit status: 0 success; 1 a callback raised and --strict was given; 2 usage; 3 unreadable "
      "capture or script; 4 the environment refused (permission, disk full).");
  add_replay_command(app_);
  add_check_command(app_);
  add_help_command();
}

void CommandLine::add_help_command() {
  CLI::App* help = app_.add_subcommand("help", "Explain a subcommand");
  help->add_option("SUBCOMMAND", help_topic_, "What to explain; all, without it");
  help->callback([this] {
    const CLI::App* topic = help_topic_.empty() ? &app_ : find_subcommand(app_, help_topic_);
    if (!topic)
      throw CommandFailure(
          kUsage, fmt::format("help: '{}' is no subcommand; `nflua help` lists them", help_topic_));
    fmt::print("{}", topic->help(help_topic_.empty() ? "" : "nflua"));
  });
}

int CommandLine::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
    return kSuccess;
  } catch (const CLI::ParseError& error) {
    const bool asked_for = error.get_exit_code() == int(CLI::ExitCodes::Success);
    app_.exit(error);
    return asked_for ? kSuccess : kUsage;
  } catch (const CommandFailure& failure) {
    if (failure.what()[0] != '\0') fmt::print(stderr, "nflua: {}\n", failure.what());
    return failure.status();
  }
}

}  // namespace nflua::cli
