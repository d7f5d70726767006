// SPDX-License-Identifier: GPL-2.0-or-later
// The table at the end of a live run, and whenever it is asked for.
#pragma once

#include <string>

#include "datapath/queue/service.hpp"

namespace nflua::cli {

/// `lines_left_out`: of the log.
std::string run_summary(const queue::ServiceSummary& summary, uint64_t lines_left_out);

}  // namespace nflua::cli
