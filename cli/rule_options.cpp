// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/rule_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "cli/command_failure.hpp"
#include "datapath/parse_number.hpp"

namespace nflua::cli {

namespace {

[[noreturn]] void usage_error(const std::string& message) { throw CommandFailure(kUsage, message); }

/// A decimal or 0x-hexadecimal number, all of `text`.
uint32_t parse_rule_number(const std::string& rule, std::string_view text, uint32_t max) {
  const bool is_hex = text.starts_with("0x");
  const std::optional<uint32_t> value =
      parse_number<uint32_t>(is_hex ? text.substr(2) : text, is_hex ? 16 : 10);
  if (!value || *value > max)
    usage_error(fmt::format("--match {}: '{}' is not a number from 0 to {}", rule, text, max));
  return *value;
}

void parse_mark(const std::string& text, std::string_view value, Rule& rule) {
  const size_t slash = value.find('/');
  rule.mark = parse_rule_number(text, value.substr(0, slash), UINT32_MAX);
  rule.mark_mask = slash == value.npos
                       ? UINT32_MAX
                       : parse_rule_number(text, value.substr(slash + 1), UINT32_MAX);
  rule.on_match = {VerdictKind::accept};
}

void parse_verdict(const std::string& text, std::string_view verdict, Rule& rule) {
  const size_t equals = verdict.find('=');
  const std::string_view word = verdict.substr(0, equals);
  const bool has_value = equals != verdict.npos;
  const std::string_view value = has_value ? verdict.substr(equals + 1) : std::string_view();
  if (word == "drop" && !has_value)
    rule.on_match = {VerdictKind::drop};
  else if (word == "accept" && !has_value)
    rule.on_match = {VerdictKind::accept};
  else if (word == "stop" && !has_value)
    rule.on_match = {VerdictKind::stop};
  else if (word == "queue")
    rule.on_match = {VerdictKind::queue, has_value
                                             ? uint16_t(parse_rule_number(text, value, UINT16_MAX))
                                             : uint16_t{0}};
  else if (word == "mark" && has_value)
    parse_mark(text, value, rule);
  else
    usage_error(
        fmt::format("--match {}: '{}' is no verdict; expected drop, accept, stop, queue, "
                    "queue=N, mark=V or mark=V/M",
                    text, verdict));
}

std::vector<Rule> default_rules(const FunctionTest& has_function) {
  std::vector<Rule> rules;
  if (has_function("match")) rules.push_back(parse_match_rule("match"));
  if (has_function("target")) rules.push_back(named_rule(RuleKind::target, "--target", "target"));
  if (rules.empty())
    usage_error(
        "no rules: expected a global function 'match' or 'target' in the script; define one, or "
        "name yours with --match FUNCTION or --target FUNCTION");
  return rules;
}

}  // namespace

Rule named_rule(RuleKind kind, const char* option, const std::string& name) {
  if (name.empty() || name.size() >= kNameBytes)
    usage_error(
        fmt::format("{} '{}': a function's name has 1 to {} bytes", option, name, kNameBytes - 1));
  Rule rule;
  rule.kind = kind;
  std::memcpy(rule.function, name.data(), name.size());
  return rule;
}

Rule parse_match_rule(const std::string& text) {
  const size_t colon = text.find(':');
  Rule rule = named_rule(RuleKind::match, "--match", text.substr(0, colon));
  if (colon != text.npos) parse_verdict(text, std::string_view(text).substr(colon + 1), rule);
  return rule;
}

void RuleOptions::add_to(CLI::App& command) {
  constexpr const char* kGroup = "Rules";
  match_ =
      command.add_option("--match")
          ->type_name("FUNCTION[:VERDICT]")
          ->description(
              "Call this global function as a match: if it returns true, the packet gets VERDICT "
              "(default drop); may be repeated")
          ->expected(1)
          ->take_all()
          ->group(kGroup);
  target_ =
      command.add_option("--target")
          ->type_name("FUNCTION")
          ->description(
              "Call this global function as a target: it returns the verdict; may be repeated")
          ->expected(1)
          ->take_all()
          ->group(kGroup);
  tcp_payload_ =
      command.add_flag("--tcp-payload")
          ->description(
              "The --match or --target before it sees only TCP packets that carry payload")
          ->group(kGroup);
}

std::vector<Rule> RuleOptions::rules(const CLI::App& command) const {
  std::vector<Rule> rules;
  size_t matches = 0;
  size_t targets = 0;
  for (const CLI::Option* option : command.parse_order()) {
    if (option == match_)
      rules.push_back(parse_match_rule(match_->results().at(matches++)));
    else if (option == target_)
      rules.push_back(named_rule(RuleKind::target, "--target", target_->results().at(targets++)));
    else if (option == tcp_payload_ && rules.empty())
      usage_error("--tcp-payload belongs to the --match or --target before it; there is none");
    else if (option == tcp_payload_)
      rules.back().tcp_payload_only = true;
  }
  return rules;
}

std::vector<Rule> rules_or_defaults(const RuleOptions& options, const CLI::App& command,
                                    const FunctionTest& has_function) {
  std::vector<Rule> rules = options.rules(command);
  return rules.empty() ? default_rules(has_function) : rules;
}

std::vector<std::string> undefined_functions(const std::vector<Rule>& rules,
                                             const FunctionTest& has_function) {
  std::vector<std::string> names;
  for (const Rule& rule : rules)
    if (!has_function(rule.function)) names.emplace_back(rule.function);
  return names;
}

std::vector<Rule> rules_of(const RuleOptions& options, const CLI::App& command, State& state,
                           const std::string& script) {
  const auto has_function = [&state](const char* name) { return state.has_function(name); };
  std::vector<Rule> rules = rules_or_defaults(options, command, has_function);
  for (const std::string& name : undefined_functions(rules, has_function))
    fmt::print(stderr, "nflua: warning: {} defines no function '{}' yet; its rule won't decide\n",
               script, name);
  return rules;
}

}  // namespace nflua::cli
