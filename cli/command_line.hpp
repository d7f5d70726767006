// SPDX-License-Identifier: GPL-2.0-or-later
// The whole command line as one tree of CLI11 objects: what is parsed, what --help prints, and what
// docs/cli.md and the man page are made from (manual.hpp).
#pragma once

#include <CLI/App.hpp>
#include <functional>

namespace nflua::cli {

class CommandLine {
 public:
  CommandLine();

  CLI::App& app() { return app_; }
  /// Parses and runs. Returns the exit status.
  int run(int argc, char** argv);

 private:
  void add_help_command();
  /// Parses, which runs the subcommand's callback. Errors: throws CommandFailure.
  void parse(int argc, char** argv);

  CLI::App app_;
  std::string help_topic_;
};

// One file per subcommand; each adds its options, and a callback that runs it and throws
// CommandFailure.
void add_replay_command(CLI::App& app);
void add_run_command(CLI::App& app);
void add_check_command(CLI::App& app);
void add_daemon_command(CLI::App& app);
// These steer a daemon or the kernel module.
void add_create_command(CLI::App& app);
void add_destroy_command(CLI::App& app);
void add_list_command(CLI::App& app);
void add_execute_command(CLI::App& app);
void add_reload_command(CLI::App& app);
void add_bind_command(CLI::App& app);
void add_unbind_command(CLI::App& app);
void add_send_command(CLI::App& app);
void add_receive_command(CLI::App& app);
void add_stats_command(CLI::App& app);
void add_repl_command(CLI::App& app);

}  // namespace nflua::cli
