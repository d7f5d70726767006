// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflua::cli {

/// For output in rows: as printable(), and newlines as \n, so that no name or payload can look like
/// another row.
std::string one_line(std::string_view text);

}  // namespace nflua::cli
