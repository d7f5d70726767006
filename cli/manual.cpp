// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/manual.hpp"

#include <sstream>

namespace nflua::cli {

namespace {

constexpr const char* kGap = "  ";

/// "-h, --help", "--filter EXPRESSION", "SCRIPT".
std::string term_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name(true);
  std::string term;
  const auto add = [&term](const std::string& name) { term += (term.empty() ? "" : ", ") + name; };
  for (const std::string& name : option.get_snames()) add("-" + name);
  for (const std::string& name : option.get_lnames()) add("--" + name);
  const std::string value = option.get_type_name();
  return value.empty() ? term : term + " " + value;
}

template <class Predicate>
void add_options(Manual& manual, const CLI::App& app, const std::string& title, Predicate belongs) {
  ManualSection section{title, {}};
  for (const CLI::Option* option : app.get_options())
    if (belongs(*option)) section.rows.push_back({term_of(*option), option->get_description()});
  if (!section.rows.empty()) manual.sections.push_back(std::move(section));
}

void add_subcommands(Manual& manual, const CLI::App& app) {
  ManualSection section{"Subcommands", {}};
  for (const CLI::App* subcommand : subcommands_of(app))
    section.rows.push_back({subcommand->get_name(), manual_of(*subcommand).summary});
  if (!section.rows.empty()) manual.sections.push_back(std::move(section));
}

void add_footer(Manual& manual, const std::string& footer) {
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (!line.starts_with(kGap)) {
      manual.sections.push_back({line, {}});
      continue;
    }
    const size_t start = line.find_first_not_of(' ');
    const size_t end = line.find(kGap, start);
    const size_t text = line.find_first_not_of(' ', end);
    manual.sections.back().rows.push_back(
        {line.substr(start, end - start), end == line.npos ? "" : line.substr(text)});
  }
}

std::string usage_of(const CLI::App& app) {
  std::string usage = "[OPTIONS]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_name(true);
    usage += option->get_required() ? " " + name : " [" + name + "]";
  }
  return subcommands_of(app).empty() ? usage : usage + " SUBCOMMAND ...";
}

}  // namespace

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

Manual manual_of(const CLI::App& app) {
  Manual manual;
  const CLI::App* parent = app.get_parent();
  manual.command = (parent ? parent->get_name() + " " : "") + app.get_name();
  const std::string text = app.get_description();
  const size_t end = text.find("\n\n");
  manual.summary = text.substr(0, end);
  if (end != text.npos) manual.description = text.substr(end + 2);
  manual.usage = usage_of(app);
  add_subcommands(manual, app);
  add_options(manual, app, "Arguments", [](const auto& option) { return option.get_positional(); });
  for (const std::string& group : app.get_groups())
    add_options(manual, app, group, [&group](const auto& option) {
      return option.nonpositional() && option.get_group() == group;
    });
  add_footer(manual, app.get_footer());
  return manual;
}

}  // namespace nflua::cli
