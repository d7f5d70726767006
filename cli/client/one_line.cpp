// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/one_line.hpp"

#include "cli/printable.hpp"

namespace nflua::cli {

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

}  // namespace nflua::cli
