// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/bind_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/argument_check.hpp"
#include "cli/command_failure.hpp"

namespace nflua::cli {

void BindOptions::add_to(CLI::App& command) {
  command_ = &command;
  queue_.add_to(command);
  rules_.add_to(command);
}

queue::PlaceOptions BindOptions::place() const {
  const size_t bytes = queue_.filter().size();
  if (bytes > kMaxBoundFilterBytes)
    throw CommandFailure(
        kUsage, fmt::format("--filter has {} bytes, and may have {} here; test more in the script",
                            bytes, kMaxBoundFilterBytes));
  return queue_.place_options();
}

std::vector<Rule> BindOptions::rules(const FunctionTest& has_function) const {
  return rules_or_defaults(rules_, *command_, has_function);
}

void UnbindOptions::add_to(CLI::App& command) {
  CLI::Option* queue =
      command.add_option("--queue", queue_, "Only the rules at these NFQUEUEs")->type_name("N[-M]");
  command.add_option("--hook", hook_, "Only the rules at this hook")
      ->type_name("HOOK")
      ->excludes(queue);
  CLI::Option* match =
      command.add_option("--match", match_, "Only the rules that call this function as a match")
          ->type_name("FUNCTION");
  command.add_option("--target", target_, "Only the rules that call this function as a target")
      ->type_name("FUNCTION")
      ->excludes(match);
}

queue::RuleSelection UnbindOptions::selection() const {
  queue::RuleSelection selection;
  if (!queue_.empty()) selection.queues = parse_queues(queue_);
  if (!hook_.empty()) selection.hook = parse_hook(hook_);
  if (!match_.empty()) selection.rule = named_rule(RuleKind::match, "--match", match_);
  if (!target_.empty()) selection.rule = named_rule(RuleKind::target, "--target", target_);
  return selection;
}

void parse_arguments(CLI::App& command, std::vector<std::string> arguments) {
  check_arguments(command, arguments);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  command.set_help_flag();                           // nobody is there to read it
  try {
    command.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    throw CommandFailure(kUsage, error.what());
  }
}

}  // namespace nflua::cli
