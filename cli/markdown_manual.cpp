// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/markdown_manual.hpp"

#include <fmt/format.h>

#include "cli/manual.hpp"

namespace nflua::cli {

namespace {

/// Characters that would be markup get a backslash, save between backquotes.
std::string escaped(const std::string& text) {
  std::string out;
  bool is_code = false;
  for (const char c : text) {
    if (c == '`') is_code = !is_code;
    if (!is_code && (c == '_' || c == '*' || c == '<' || c == '[')) out += '\\';
    out += c;
  }
  return out;
}

void add_manual(std::string& out, const Manual& manual, const char* heading) {
  out += fmt::format("{} {}\n\n{}.\n\n    {} {}\n", heading, manual.command,
                     escaped(manual.summary), manual.command, manual.usage);
  if (!manual.description.empty()) out += fmt::format("\n{}\n", escaped(manual.description));
  for (const ManualSection& section : manual.sections) {
    out += fmt::format("\n{}# {}\n\n", heading, section.title);
    for (const ManualRow& row : section.rows)
      out += fmt::format("- `{}`: {}\n", row.term, escaped(row.text));
  }
}

}  // namespace

std::string markdown_manual(const CLI::App& program) {
  std::string out = "<!-- `make docs` writes this page from the options in cli/. -->\n";
  add_manual(out, manual_of(program), "#");
  for (const CLI::App* subcommand : subcommands_of(program)) {
    out += '\n';
    add_manual(out, manual_of(*subcommand), "##");
  }
  return out;
}

}  // namespace nflua::cli
