// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/summary_table.hpp"

#include <fmt/format.h>

namespace nflua::cli {

namespace {

/// Rows of the table; those that count something unusual show only when there is something.
class Table {
 public:
  void title(const char* text) { out_ += fmt::format("{}\n", text); }
  void row(const char* name, uint64_t count, const char* note = "") {
    out_ += fmt::format("  {:<22}{:>12}{}{}\n", name, count, *note ? "  " : "", note);
  }
  void row_if(const char* name, uint64_t count, const char* note = "") {
    if (count > 0) row(name, count, note);
  }
  void rule(const Rule& rule) {
    out_ += fmt::format(
        "  {:<22}{:>12} called{:>12} decided{:>14} bytes{:>8} errors\n",
        fmt::format("{} {}", rule.kind == RuleKind::match ? "match" : "target", rule.function),
        rule.calls, rule.packets, rule.bytes, rule.errors);
  }
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

void add_capture(Table& table, const replay::Summary& summary) {
  table.title("capture");
  table.row("packets", summary.records);
  table.row("bytes", summary.bytes);
  table.row_if("truncated", summary.truncated, "the script sees what was captured");
  table.row_if("not IP", summary.not_ip, "let through");
  table.row_if("outside --filter", summary.outside_filter, "let through");
  table.row_if("fragments absorbed", summary.absorbed_fragments, "joined by --defrag, or dropped");
}

void add_verdicts(Table& table, const replay::Summary& summary) {
  table.title("verdicts");
  const auto count = [&](VerdictKind kind) { return summary.verdicts[size_t(kind)]; };
  table.row("accept", count(VerdictKind::accept));
  table.row("drop", count(VerdictKind::drop));
  table.row("continue", count(VerdictKind::proceed), "no rule decided: let through");
  table.row_if("stop", count(VerdictKind::stop));
  table.row_if("queue", count(VerdictKind::queue), "not written");
  table.row_if("repeated too often", summary.repeated_too_often, "dropped, counted there too");
  table.row_if("stolen", count(VerdictKind::stolen));
  table.row_if("  sent later", summary.held_end(HeldEnd::sent));
  table.row_if("  failed to send", summary.held_end(HeldEnd::failed), "dropped");
  table.row_if("  closed", summary.held_end(HeldEnd::closed), "dropped; abandoned ones too");
}

void add_script(Table& table, const replay::Summary& summary, const StateFigures& state) {
  const StateCounters& counters = state.counters;
  table.title("script");
  table.row("calls", counters.calls);
  table.row_if("errors", counters.errors);
  table.row_if("  out of instructions", counters.budget_exceeded);
  table.row_if("  out of memory", counters.memory_exceeded);
  table.row_if("replies", summary.replies);
  table.row_if("datagrams", counters.datagrams);
  table.row_if("datagrams failed", counters.datagram_failures);
  table.row_if("messages received", summary.messages);
  table.row_if("timers left", summary.timers_left, "armed when the run ended");
  table.row_if("timers refused", counters.timers_refused, "--max-timers");
  table.row_if("holds refused", counters.held_refused, "--max-held-packets, --max-held-bytes");
  table.row("bytes in Lua", state.bytes_used);
}

}  // namespace

std::string summary_table(const replay::Summary& summary, const StateFigures& state,
                          const std::vector<Rule>& rules) {
  Table table;
  add_capture(table, summary);
  add_verdicts(table, summary);
  table.title("rules");
  for (const Rule& rule : rules) table.rule(rule);
  add_script(table, summary, state);
  return table.text();
}

}  // namespace nflua::cli
