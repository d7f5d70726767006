// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflua::cli {

/// A script may print anything: control characters, save newline and tab, must not reach a
/// terminal.
std::string printable(std::string_view text);

}  // namespace nflua::cli
