// SPDX-License-Identifier: GPL-2.0-or-later
// Lines that someone types, or a program writes.
#pragma once

#include <optional>
#include <string>

namespace nflua::cli {

/// Of standard input. On a terminal with GNU readline: editing, and a history in memory. One at a
/// time.
class LineReader {
 public:
  LineReader();

  bool is_terminal() const { return is_terminal_; }
  /// `prompt`: shown on a terminal only. Nothing: the end.
  std::optional<std::string> next(const char* prompt) const;

 private:
  bool is_terminal_;
};

}  // namespace nflua::cli
