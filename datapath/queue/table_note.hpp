// SPDX-License-Identifier: GPL-2.0-or-later
// Which queues our tables fill: each bears a comment that says so. A table that a dead process left
// (--fail closed) still fills its queues, which nobody else may serve then.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datapath/queue/queue_range.hpp"
#include "support/outcome.hpp"

namespace nflua::queue {

/// What the names of our tables begin with.
inline constexpr std::string_view kTablePrefix = "nflua_";

/// "queues 20000-20003".
std::string table_note(const QueueRange& queues);
std::optional<QueueRange> parse_table_note(std::string_view note);

/// The queues of all our tables in this network namespace but of the one named.
Outcome<std::vector<QueueRange>> queues_of_tables_except(const std::string& table);

}  // namespace nflua::queue
