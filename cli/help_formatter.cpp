// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/help_formatter.hpp"

#include <fmt/format.h>

#include <sstream>

namespace nflua::cli {

namespace {

// Columns.
constexpr size_t kWidth = 80;
constexpr size_t kTermAt = 2;
constexpr size_t kTextAt = 29;

/// Appends the words of `text`, `column` being where the last line of `out` ends.
void wrap(std::string& out, const std::string& text, size_t indent, size_t column) {
  std::istringstream words(text);
  bool starts_line = column <= indent;
  for (std::string word; words >> word;) {
    if (!starts_line && column + 1 + word.size() > kWidth) {
      out += '\n';
      column = 0;
      starts_line = true;
    }
    const std::string space(starts_line ? indent - column : 1, ' ');
    out += space + word;
    column += space.size() + word.size();
    starts_line = false;
  }
  out += '\n';
}

void add_row(std::string& out, const ManualRow& row) {
  out += std::string(kTermAt, ' ') + row.term;
  size_t column = kTermAt + row.term.size();
  if (column + 1 >= kTextAt) {
    out += '\n';
    column = 0;
  }
  wrap(out, row.text, kTextAt, column);
}

}  // namespace

std::string help_text(const Manual& manual) {
  std::string out = fmt::format("Usage: {} {}\n\n", manual.command, manual.usage);
  wrap(out, manual.summary, 0, 0);
  if (!manual.description.empty()) {
    out += '\n';
    wrap(out, manual.description, 0, 0);
  }
  for (const ManualSection& section : manual.sections) {
    out += fmt::format("\n{}:\n", section.title);
    for (const ManualRow& row : section.rows) add_row(out, row);
  }
  return out;
}

}  // namespace nflua::cli
