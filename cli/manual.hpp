// SPDX-License-Identifier: GPL-2.0-or-later
// What the tree of CLI11 objects says about a command, in the one shape that all who print it
// share:
// --help (help_formatter), docs/cli.md (markdown_manual), the man page (man_page).
//
// A description's first line is the summary; paragraphs may follow after an empty line. A footer
// holds what no option says, in sections:
//   TITLE
//     TERM  TEXT          (two spaces or more between them)
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace nflua::cli {

/// An option, a subcommand, an example: what to write, and what that does.
struct ManualRow {
  std::string term;
  std::string text;
};

struct ManualSection {
  std::string title;
  std::vector<ManualRow> rows;
};

struct Manual {
  /// As typed: "nflua replay".
  std::string command;
  std::string summary;
  std::string description;
  /// What follows the command: "[OPTIONS] SCRIPT CAPTURE".
  std::string usage;
  std::vector<ManualSection> sections;
};

Manual manual_of(const CLI::App& app);

/// The subcommands, in the order in which they were added.
std::vector<const CLI::App*> subcommands_of(const CLI::App& app);

}  // namespace nflua::cli
