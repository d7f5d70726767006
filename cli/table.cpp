// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/table.hpp"

#include <fmt/format.h>

namespace nflua::cli {

void Table::title(const char* text) { out_ += fmt::format("{}\n", text); }

void Table::row(const char* name, uint64_t count, const char* note) {
  out_ += fmt::format("  {:<22}{:>12}{}{}\n", name, count, *note ? "  " : "", note);
}

void Table::row_if(const char* name, uint64_t count, const char* note) {
  if (count > 0) row(name, count, note);
}

void Table::rules(const std::vector<Rule>& rules) {
  if (!rules.empty()) title("rules");
  for (const Rule& rule : rules)
    out_ += fmt::format(
        "  {:<22}{:>12} called{:>12} decided{:>14} bytes{:>8} errors\n",
        fmt::format("{} {}", rule.kind == RuleKind::match ? "match" : "target", rule.function),
        rule.calls, rule.packets, rule.bytes, rule.errors);
}

void Table::script(const StateCounters& counters, size_t bytes_used) {
  title("script");
  row("calls", counters.calls);
  row_if("errors", counters.errors);
  row_if("  out of instructions", counters.budget_exceeded);
  row_if("  out of memory", counters.memory_exceeded);
  row_if("unreadable headers", counters.unreadable,
         "cut off, or they lie: tuple() and such gave nil");
  row_if("datagrams", counters.datagrams);
  row_if("datagrams failed", counters.datagram_failures);
  row_if("timers refused", counters.timers_refused, "--max-timers");
  row_if("holds refused", counters.held_refused, "--max-held-packets, --max-held-bytes");
  row("bytes in Lua", bytes_used);
}

}  // namespace nflua::cli
