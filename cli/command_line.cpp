// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command_line.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
// The rest of CLI11, for all of the command: whatever includes it compiles all of its functions
// anew, which takes longer than the file itself. Others include <CLI/App.hpp>.
#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "cli/argument_check.hpp"
#include "cli/command_failure.hpp"
#include "cli/help_formatter.hpp"
#include "cli/manual.hpp"
#include "cli/printable.hpp"
#include "cli/version.hpp"

namespace nflua::cli {

namespace {

constexpr const char* kFooter = R"(Exit status
  0  Success
  1  A callback raised, and --strict was given; the server refused the command; too few messages came
  2  The command line is wrong
  3  A capture, a script or --data is unreadable or damaged (packets before the damage were filtered)
  4  The environment refused: no permission, disk full, no daemon
Files
  docs/lua-api.md  What a script may call
  docs/captures.md  Captures that replay reads, and what -w writes
  docs/events.md  What --json writes and --data reads
)";

/// nullptr: there is none of that name.
const CLI::App* find_subcommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* subcommand : subcommands_of(app))
    if (subcommand->get_name() == name) return subcommand;
  return nullptr;
}

/// `found` is empty: nothing was given.
CommandFailure subcommand_expected(const CLI::App& app, const std::string& found) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : subcommands_of(app)) names.push_back(subcommand->get_name());
  std::vector<std::string> known = names;
  known.insert(known.end(), {"--help", "--version"});
  const std::string nearest = nearest_name(found, known);
  return CommandFailure(
      kUsage,
      fmt::format("expected a subcommand ({}), found {}{}; see `nflua help`",
                  fmt::join(names, ", "), found.empty() ? "none" : fmt::format("'{}'", found),
                  nearest.empty() ? "" : fmt::format("; did you mean {}", nearest)));
}

/// "SCRIPT CAPTURE"; empty: the command takes none.
std::string positionals_of(const CLI::App& command) {
  std::string names;
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional())
      names += (names.empty() ? "" : " ") + option->get_name(/*positional=*/true);
  return names;
}

CommandFailure too_many_arguments(const CLI::App& command, const std::string& first) {
  const std::string names = positionals_of(command);
  return CommandFailure(kUsage,
                        fmt::format("found '{}', expected {}; see `nflua help {}`", first,
                                    names.empty() ? "options alone" : "nothing more after " + names,
                                    command.get_name()));
}

/// What CLI11 found, with what to do about it.
CommandFailure usage_failure(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  const std::vector<std::string> rest = app.remaining(/*recurse=*/true);
  if (given.empty()) return subcommand_expected(app, rest.empty() ? "" : rest.front());
  const CLI::App& command = *given.front();
  const bool is_extra = error.get_exit_code() == int(CLI::ExitCodes::ExtrasError);
  if (is_extra && !rest.empty()) return too_many_arguments(command, rest.front());
  return CommandFailure(kUsage,
                        fmt::format("{}; see `nflua help {}`", error.what(), command.get_name()));
}

void flush_standard_output() {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return;
  throw CommandFailure(kEnvironment,
                       fmt::format("standard output: cannot write: {}; it is incomplete",
                                   errno ? std::strerror(errno) : "a write failed"));
}

/// Files that are opened would get the numbers of streams that the caller closed, and what is
/// printed would go into them. To read from these, and to write to them, still fails.
void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    const int wrong_way = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", wrong_way) == -1) return;
  }
}

int report(const CommandFailure& failure) {
  if (failure.what()[0] != '\0') fmt::print(stderr, "nflua: {}\n", printable(failure.what()));
  return failure.status();
}

}  // namespace

CommandLine::CommandLine()
    : app_("Packet filters written in Lua: tried on a capture, run on live traffic", "nflua") {
  app_.formatter(std::make_shared<HelpFormatter>());
  app_.set_help_flag("-h,--help", "Print this help");
  app_.set_version_flag("--version", fmt::format("nflua {}", kVersion), "Print the version");
  app_.require_subcommand(1);
  add_replay_command(app_);
  add_run_command(app_);
  add_check_command(app_);
  add_daemon_command(app_);
  add_create_command(app_);
  add_destroy_command(app_);
  add_list_command(app_);
  add_execute_command(app_);
  add_reload_command(app_);
  add_bind_command(app_);
  add_unbind_command(app_);
  add_send_command(app_);
  add_receive_command(app_);
  add_stats_command(app_);
  add_repl_command(app_);
  add_help_command();
  app_.footer(kFooter);  // last, or each subcommand would inherit it
}

void CommandLine::add_help_command() {
  CLI::App* help = app_.add_subcommand("help", "Explain a subcommand, or list all of them");
  help->add_option("SUBCOMMAND", help_topic_, "The subcommand to explain (default: the program)");
  help->callback([this] {
    const CLI::App* topic = help_topic_.empty() ? &app_ : find_subcommand(app_, help_topic_);
    if (!topic) throw subcommand_expected(app_, help_topic_);
    fmt::print("{}", help_text(manual_of(*topic)));
  });
}

void CommandLine::parse(int argc, char** argv) {
  check_command_line(app_, {argv + (argc > 0 ? 1 : 0), argv + argc});
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for = error.get_exit_code() == int(CLI::ExitCodes::Success);
    if (!asked_for) throw usage_failure(app_, error);
    app_.exit(error);  // prints the help, or the version
  }
}

int CommandLine::run(int argc, char** argv) {
  occupy_closed_streams();
  try {
    parse(argc, argv);
    flush_standard_output();
    return kSuccess;
  } catch (const CommandFailure& failure) {
    return report(failure);
  } catch (const std::system_error& error) {  // fmt::print's
    return report({kEnvironment, fmt::format("cannot print: {}", error.what())});
  }
}

}  // namespace nflua::cli
