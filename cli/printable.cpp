// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/printable.hpp"

#include <fmt/format.h>

namespace nflua::cli {

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < ' ' && c != '\n' && c != '\t') || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out;
}

}  // namespace nflua::cli
