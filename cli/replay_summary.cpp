// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/replay_summary.hpp"

#include "cli/table.hpp"

namespace nflua::cli {

namespace {

void add_capture(Table& table, const replay::Summary& summary) {
  table.title("capture");
  table.row("packets", summary.records);
  table.row("bytes", summary.bytes);
  table.row_if("truncated", summary.truncated, "the script sees what was captured");
  table.row_if("out of order", summary.out_of_order, "by their time; the script's clock waits");
  table.row_if("not IP", summary.not_ip, "let through");
  table.row_if("  encrypted", summary.encrypted, "802.11 under a key");
  for (const auto& [link_type, records] : summary.unknown_link_types)
    table.row(("  " + replay::link_type_name(link_type)).c_str(), records,
              "of a link type that is not read");
  table.row_if("outside --filter", summary.outside_filter, "let through");
  table.row_if("blocks left out", summary.blocks_left_out,
               "of pcapng, by -w: over 16 MiB, or not to be copied");
  table.row_if("options left out", summary.options_left_out,
               "packets that lost such, by -w: not to be copied, or of another section");
  table.row_if("fragments absorbed", summary.absorbed_fragments, "joined by --defrag, or dropped");
  table.row_if("aggregates", summary.aggregates,
               "802.11: the script sees the first packet of each");
}

void add_verdicts(Table& table, const replay::Summary& summary) {
  table.title("verdicts");
  const auto count = [&](VerdictKind kind) { return summary.verdicts[size_t(kind)]; };
  table.row("accept", count(VerdictKind::accept));
  table.row("drop", count(VerdictKind::drop));
  table.row("continue", count(VerdictKind::proceed), "no rule decided: let through");
  table.row_if("stop", count(VerdictKind::stop));
  table.row_if("queue", count(VerdictKind::queue), "not written");
  table.row_if("repeated too often", summary.repeated_too_often, "(included in drop)");
  table.row_if("stolen", count(VerdictKind::stolen));
  table.row_if("  sent later", summary.held_end(HeldEnd::sent));
  table.row_if("  failed to send", summary.held_end(HeldEnd::failed), "dropped");
  table.row_if("  closed", summary.held_end(HeldEnd::closed), "dropped; abandoned ones too");
}

void add_script(Table& table, const replay::Summary& summary, const StateFigures& state) {
  table.script(state.counters, state.bytes_used);
  table.row_if("replies", summary.replies);
  table.row_if("messages received", summary.messages);
  table.row_if("timers left", summary.timers_left,
               "armed when the run ended, or after the last packet");
}

}  // namespace

std::string replay_summary(const replay::Summary& summary, const StateFigures& state,
                           const std::vector<Rule>& rules) {
  Table table;
  add_capture(table, summary);
  add_verdicts(table, summary);
  table.rules(rules);
  add_script(table, summary, state);
  return table.text();
}

}  // namespace nflua::cli
