// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/argument_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "cli/command_failure.hpp"
#include "cli/manual.hpp"

namespace nflua::cli {

namespace {

/// A name of this many letters may be typed as the beginning of an option.
constexpr size_t kLeastPrefix = 2;
/// One letter in so many may be wrong.
constexpr size_t kLettersPerMistake = 3;

[[noreturn]] void usage_error(const std::string& message) { throw CommandFailure(kUsage, message); }

/// Letters added, left out, replaced, and pairs exchanged, that make one text of the other.
size_t edit_distance(const std::string& from, const std::string& to) {
  std::vector<size_t> before_last(to.size() + 1);
  std::vector<size_t> last(to.size() + 1);
  std::vector<size_t> row(to.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool is_exchanged =
          i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (is_exchanged) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last.back();
}

std::vector<std::string> long_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  return names;
}

const CLI::Option* find_long(const CLI::App& command, const std::string& name) {
  for (const CLI::Option* option : command.get_options())
    if (option->check_lname(name)) return option;
  return nullptr;
}

const CLI::Option* find_short(const CLI::App& command, char letter) {
  for (const CLI::Option* option : command.get_options())
    if (option->check_sname(std::string(1, letter))) return option;
  return nullptr;
}

bool is_flag(const CLI::Option& option) { return option.get_items_expected_min() == 0; }

bool asks_for_help(const std::string& argument) { return argument == "-h" || argument == "--help"; }

/// As CLI11 has it: -5 is a number, - alone is standard input.
bool is_option_like(const std::string& argument) {
  return argument.size() > 1 && argument[0] == '-' && !(argument[1] >= '0' && argument[1] <= '9');
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

/// The subcommands that have that option, be it a letter or a long name.
std::vector<std::string> owners(const CLI::App& command, const std::string& name) {
  std::vector<std::string> names;
  if (!command.get_parent()) return names;
  for (const CLI::App* other : subcommands_of(*command.get_parent()))
    if (name.size() == 1 ? find_short(*other, name[0]) : find_long(*other, name))
      names.push_back(other->get_name());
  return names;
}

/// What may have been meant by an option that does not exist; `name` without dashes and value.
std::string hint(const CLI::App& command, const std::string& name) {
  const std::vector<std::string> others = owners(command, name);
  if (name.size() == 1 && others.empty()) {
    std::vector<std::string> longer;
    for (const std::string& each : long_names(command))
      if (each.starts_with(name)) longer.push_back("--" + each);
    return longer.empty() ? "" : fmt::format("expected a long name ({})", joined(longer));
  }
  if (find_long(command, name)) return fmt::format("did you mean --{}", name);
  if (!others.empty()) return fmt::format("it is one of {}", joined(others));
  const std::string nearest = nearest_name(name, long_names(command));
  return nearest.empty() ? "" : fmt::format("did you mean --{}", nearest);
}

/// Reads the arguments as CLI11 will.
class Check {
 public:
  Check(const CLI::App& command, const std::vector<std::string>& arguments)
      : command_(command), next_(arguments.begin()), end_(arguments.end()) {}

  void run() {
    while (next_ != end_) {
      const std::string& argument = *next_++;
      if (argument == "--" || asks_for_help(argument)) return;
      if (!is_option_like(argument)) continue;
      if (argument[1] == '-')
        check_long(argument);
      else
        check_short(argument);
    }
  }

 private:
  void check_long(const std::string& argument) {
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const CLI::Option* option = find_long(command_, name.substr(2));
    if (!option) unknown(argument, name.substr(2));
    take_value(*option, name,
               equals == argument.npos ? std::nullopt : std::optional(argument.substr(equals + 1)));
  }

  void check_short(const std::string& argument) {
    const std::string name = argument.substr(1, argument.find('=') - 1);
    const CLI::Option* option = find_short(command_, argument[1]);
    // A long name with one dash is meant as that also where a value could follow its first letter.
    const bool is_long_name =
        name.size() > 1 && (find_long(command_, name) || !owners(command_, name).empty());
    if (!option || is_long_name || (is_flag(*option) && name.size() > 1)) unknown(argument, name);
    take_value(*option, argument.substr(0, 2),
               argument.size() > 2 ? std::optional(argument.substr(2)) : std::nullopt);
  }

  [[noreturn]] void unknown(const std::string& argument, const std::string& name) const {
    const std::string meant = hint(command_, name);
    if (!meant.empty())
      usage_error(fmt::format("unknown option '{}': {}; see `nflua help {}`", argument, meant,
                              command_.get_name()));
    usage_error(
        fmt::format("unknown option '{}'; see `nflua help {}`, or put -- before it if it is no "
                    "option",
                    argument, command_.get_name()));
  }

  /// `glued`: the value that stands in the same argument.
  void take_value(const CLI::Option& option, const std::string& name,
                  std::optional<std::string> glued) {
    const bool may_repeat = option.get_items_expected_max() > 1 ||
                            option.get_multi_option_policy() != CLI::MultiOptionPolicy::Throw;
    if (!seen_.insert(&option).second && !may_repeat)
      usage_error(fmt::format("{}: found twice, expected once; see `nflua help {}`", name,
                              command_.get_name()));
    if (is_flag(option)) {
      const bool takes_value = !option.get_fnames().empty();  // as --daemon=PORT does
      if (glued && !takes_value)
        usage_error(fmt::format("{}: takes no value, found '{}'; see `nflua help {}`", name, *glued,
                                command_.get_name()));
      return;
    }
    const bool is_code = option.check_sname("e");  // which may be empty
    if (!glued && next_ == end_) missing(option, name, "nothing");
    const std::string value = glued ? *glued : *next_++;
    if (value.empty() && !is_code) missing(option, name, "an empty text");
    if (!glued && value.starts_with("--") && find_long(command_, value.substr(2)))
      missing(option, name, fmt::format("the option {}", value));
  }

  [[noreturn]] void missing(const CLI::Option& option, const std::string& name,
                            const std::string& found) const {
    usage_error(fmt::format("{}: expected {}, found {}; see `nflua help {}`", name,
                            option.get_type_name(), found, command_.get_name()));
  }

  const CLI::App& command_;
  std::vector<std::string>::const_iterator next_;
  std::vector<std::string>::const_iterator end_;
  std::set<const CLI::Option*> seen_;
};

const CLI::App* find_subcommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* subcommand : subcommands_of(app))
    if (subcommand->get_name() == name) return subcommand;
  return nullptr;
}

}  // namespace

std::string nearest_name(const std::string& found, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = 0;
  for (const std::string& name : known) {
    const bool is_beginning = found.size() >= kLeastPrefix && name.starts_with(found);
    const size_t distance = is_beginning ? 1 : edit_distance(found, name);
    if (distance > std::max(found.size(), name.size()) / kLettersPerMistake) continue;
    if (!nearest.empty() && distance >= least) continue;
    nearest = name;
    least = distance;
  }
  return nearest;
}

void check_arguments(const CLI::App& command, const std::vector<std::string>& arguments) {
  Check(command, arguments).run();
}

void check_command_line(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty()) return;
  const std::string& first = arguments.front();
  if (asks_for_help(first) || first == "--version") return;
  if (const CLI::App* command = find_subcommand(app, first))
    return check_arguments(*command, {arguments.begin() + 1, arguments.end()});
  if (!is_option_like(first)) return;
  for (const std::string& later : arguments)
    if (find_subcommand(app, later))
      usage_error(fmt::format("found '{0}' before the subcommand, expected it behind: {1} {2} {0}",
                              first, app.get_name(), later));
}

}  // namespace nflua::cli
