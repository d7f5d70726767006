// SPDX-License-Identifier: GPL-2.0-or-later
// The options that make a rule list: --match, --target, --tcp-payload, in the order given.
#pragma once

#include <CLI/App.hpp>
#include <functional>
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

/// Whether a state has a global function of that name.
using FunctionTest = std::function<bool(const char* name)>;

/// The rules of the command line; without any, the state's globals `match`, then `target`.
/// Errors: throws CommandFailure when there is no rule at all.
std::vector<Rule> rules_or_defaults(const RuleOptions& options, const CLI::App& command,
                                    const FunctionTest& has_function);

/// The functions of rules that the state does not define yet: these won't decide.
std::vector<std::string> undefined_functions(const std::vector<Rule>& rules,
                                             const FunctionTest& has_function);

/// rules_or_defaults() for a state that `script` (its path) was loaded into, with a warning of each
/// undefined function.
std::vector<Rule> rules_of(const RuleOptions& options, const CLI::App& command, State& state,
                           const std::string& script);

/// Calls a function. `option`: what gave it. Errors: throws CommandFailure: a name too long.
Rule named_rule(RuleKind kind, const char* option, const std::string& name);

/// "NAME[:VERDICT]", VERDICT one of drop accept stop queue[=N] mark=V[/M]. Errors: throws
/// CommandFailure.
Rule parse_match_rule(const std::string& text);

}  // namespace nflua::cli
