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

/// The rules of the command line; without any, the script's globals `match`, then `target`. Warns
/// of functions that `script` (its path) does not define.
/// Errors: throws CommandFailure when there is no rule at all.
std::vector<Rule> rules_of(const RuleOptions& options, const CLI::App& command, State& state,
                           const std::string& script);

/// "NAME[:VERDICT]", VERDICT one of drop accept stop queue[=N] mark=V[/M]. Errors: throws
/// CommandFailure.
Rule parse_match_rule(const std::string& text);

}  // namespace nflua::cli
