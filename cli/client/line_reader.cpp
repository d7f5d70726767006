// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/line_reader.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
// After <cstdio>, whose FILE they use.
#include <readline/history.h>
#include <readline/readline.h>

namespace nflua::cli {

LineReader::LineReader() : is_terminal_(isatty(STDIN_FILENO) == 1) {
  if (!is_terminal_) return;
  // Prompt and echo must not get into what is piped on.
  if (!isatty(STDOUT_FILENO)) rl_outstream = stderr;
  rl_bind_key('\t', rl_insert);  // no names of files
}

std::optional<std::string> LineReader::next(const char* prompt) const {
  if (!is_terminal_) {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  const std::unique_ptr<char, decltype(&std::free)> line(readline(prompt), &std::free);
  if (!line) return std::nullopt;
  if (*line) add_history(line.get());
  return line.get();
}

}  // namespace nflua::cli
