// SPDX-License-Identifier: GPL-2.0-or-later
// The options that make a rule list: --match, --target, --tcp-payload, in the order given.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "engine/rules.hpp"
#include "engine/state.hpp"

namespace nflua::cli {

class RuleOptions {
 public:
  void add_to(CLI::App& command);
  /// The rules in the order of the command line. Requires: `command` has been parsed.
  /// Errors: throws CommandFailure.
  std::vector<Rule> rules(const CLI::App& command) const;

 private:
  CLI::Option* match_ = nullptr;
  CLI::Option* target_ = nullptr;
  CLI::Option* tcp_payload_ = nullptr;
};

/// Without rules on the command line: the script's globals `match`, then `target`.
/// Errors: throws CommandFailure when it has neither.
std::vector<Rule> default_rules(State& state);

/// "NAME[:VERDICT]", VERDICT one of drop accept stop queue[=N] mark=V[/M]. Errors: throws
/// CommandFailure.
Rule parse_match_rule(const std::string& text);

}  // namespace nflua::cli
