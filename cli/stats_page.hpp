// SPDX-License-Identifier: GPL-2.0-or-later
// docs/stats.md, from the lists of counters.
#pragma once

#include <string>

namespace nflua::cli {

std::string stats_page();

}  // namespace nflua::cli
