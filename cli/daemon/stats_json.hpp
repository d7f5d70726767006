// SPDX-License-Identifier: GPL-2.0-or-later
// What `nflua stats` shows, as the JSON text of the reply to STATS (docs/control.md).
#pragma once

#include <string>

#include "control/command_server.hpp"
#include "datapath/queue/service.hpp"

namespace nflua::cli {

/// Of a state, with its rules at those places.
std::string state_stats_json(queue::NamedState& state,
                             const std::vector<std::unique_ptr<queue::Place>>& places);

/// Of the daemon as a whole: its clients, and the places. `data_refused`: messages to slow states.
std::string server_stats_json(const queue::Service& service, const control::CommandServer& server,
                              uint64_t data_refused);

}  // namespace nflua::cli
