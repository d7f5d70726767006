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
#define NFLUA_COUNTER(key, caption, remark, meaning) \
  if (*caption) row_if(caption, counters.key, remark);
  NFLUA_STATE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  row("bytes in Lua", bytes_used);
}

}  // namespace nflua::cli
