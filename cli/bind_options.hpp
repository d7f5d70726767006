// SPDX-License-Identifier: GPL-2.0-or-later
// The arguments of `nflua bind` and `nflua unbind` behind the state's name. The client checks them,
// the daemon reads them: messages carry them as they are typed.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "cli/queue_options.hpp"
#include "cli/rule_options.hpp"

namespace nflua::cli {

/// Bytes of a --filter: to compile a long one takes seconds, in which a daemon serves nobody else.
inline constexpr size_t kMaxBoundFilterBytes = 1024;

class BindOptions {
 public:
  /// Borrows: `command`.
  void add_to(CLI::App& command);

  // Requires: the command line has been parsed. Errors: throws CommandFailure.
  queue::PlaceOptions place() const;
  /// Without any in the arguments, by the functions that the state has.
  std::vector<Rule> rules(const FunctionTest& has_function) const;

 private:
  const CLI::App* command_ = nullptr;
  QueueOptions queue_;
  RuleOptions rules_;
};

class UnbindOptions {
 public:
  void add_to(CLI::App& command);
  /// Requires: the command line has been parsed. Errors: throws CommandFailure.
  queue::RuleSelection selection() const;

 private:
  std::string queue_;
  std::string hook_;
  std::string match_;
  std::string target_;
};

/// Reads arguments as the command line of `command`. Errors: throws CommandFailure.
void parse_arguments(CLI::App& command, std::vector<std::string> arguments);

}  // namespace nflua::cli
