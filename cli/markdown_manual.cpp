// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/markdown_manual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "cli/manual.hpp"

namespace nflua::cli {

namespace {

// Columns, as of all pages in docs/.
constexpr size_t kWidth = 120;
constexpr size_t kItemIndent = 2;

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

/// The next word; code between backquotes is one. False: there is none.
bool next_word(std::istringstream& words, std::string& word) {
  if (!(words >> word)) return false;
  const auto is_open = [&word] { return std::count(word.begin(), word.end(), '`') % 2 == 1; };
  for (std::string more; is_open() && words >> more;) word += ' ' + more;
  return true;
}

/// A text that begins in column `column` of a line, its later lines indented by so much.
std::string filled(const std::string& text, size_t column, size_t indent) {
  std::istringstream words(text);
  std::string out;
  for (std::string word; next_word(words, word);) {
    const bool is_first = out.empty();
    if (!is_first && column + 1 + word.size() > kWidth) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
      // Else it would begin a list.
      if (word == "-" || word == "+") word.insert(0, "\\");
    } else if (!is_first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

/// Paragraphs stand between empty lines.
std::string filled_paragraphs(const std::string& text) {
  std::string out;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find("\n\n", start), text.size());
    out += (out.empty() ? "" : "\n\n") + filled(text.substr(start, end - start), 0, 0);
    start = end + 2;
  }
  return out;
}

void add_manual(std::string& out, const Manual& manual, const char* heading) {
  out += fmt::format("{} {}\n\n{}.\n\n    {} {}\n", heading, manual.command,
                     escaped(manual.summary), manual.command, manual.usage);
  if (!manual.description.empty())
    out += fmt::format("\n{}\n", filled_paragraphs(escaped(manual.description)));
  for (const ManualSection& section : manual.sections) {
    out += fmt::format("\n{}# {}\n\n", heading, section.title);
    for (const ManualRow& row : section.rows) {
      const std::string term = fmt::format("- `{}`: ", row.term);
      out += term + filled(escaped(row.text), term.size(), kItemIndent) + '\n';
    }
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
