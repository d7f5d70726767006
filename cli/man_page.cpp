// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/man_page.hpp"

#include <fmt/format.h>

#include "cli/manual.hpp"
#include "cli/version.hpp"

namespace nflua::cli {

namespace {

/// A minus stays one that can be copied; nothing is taken for a request.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return text.starts_with('.') || text.starts_with('\'') ? "\\&" + out : out;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
  return text;
}

void add_sections(std::string& out, const Manual& manual, const char* macro) {
  for (const ManualSection& section : manual.sections) {
    out += fmt::format("{} \"{}\"\n", macro, upper(escaped(section.title)));
    for (const ManualRow& row : section.rows)
      out += fmt::format(".TP\n.B {}\n{}\n", escaped(row.term), escaped(row.text));
  }
}

void add_subcommand(std::string& out, const Manual& manual) {
  out += fmt::format(".SH \"{}\"\n{}.\n.PP\n.B {}\n{}\n", upper(escaped(manual.command)),
                     escaped(manual.summary), escaped(manual.command), escaped(manual.usage));
  if (!manual.description.empty()) out += fmt::format(".PP\n{}\n", escaped(manual.description));
  add_sections(out, manual, ".SS");
}

}  // namespace

std::string man_page(const CLI::App& program) {
  const Manual manual = manual_of(program);
  std::string out = fmt::format(".TH {} 1 \"\" \"{} {}\" \"User Commands\"\n",
                                upper(manual.command), manual.command, kVersion);
  out += fmt::format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n{}\n", manual.command,
                     escaped(manual.summary), manual.command, escaped(manual.usage));
  if (!manual.description.empty())
    out += fmt::format(".SH DESCRIPTION\n{}\n", escaped(manual.description));
  add_sections(out, manual, ".SH");
  for (const CLI::App* subcommand : subcommands_of(program))
    add_subcommand(out, manual_of(*subcommand));
  return out;
}

}  // namespace nflua::cli
