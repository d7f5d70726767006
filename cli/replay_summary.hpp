// SPDX-License-Identifier: GPL-2.0-or-later
// The table at the end of a replay.
#pragma once

#include <string>

#include "datapath/replay/replay.hpp"

namespace nflua::cli {

/// What a state leaves behind: it is closed before the table, so that what it held is counted.
struct StateFigures {
  StateCounters counters;
  size_t bytes_used;
};

std::string replay_summary(const replay::Summary& summary, const StateFigures& state,
                           const std::vector<Rule>& rules);

}  // namespace nflua::cli
