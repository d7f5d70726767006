// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run_summary.hpp"

#include <fmt/format.h>

#include "cli/table.hpp"

namespace nflua::cli {

namespace {

void add_queue(Table& table, const queue::Summary& summary) {
  table.title("queue");
  table.row("packets", summary.received.packets);
  table.row("bytes", summary.received.bytes);
#define NFLUA_COUNTER(key, caption, remark, meaning) \
  if (*caption) table.row_if(caption, summary.key, remark);
  NFLUA_PLACE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  table.row_if("socket overflows", summary.socket.receive_overflows,
               "times that packets were lost");
  table.row_if("not IP", summary.not_ip.packets, "let through");
  table.row_if("outside --filter", summary.outside_filter.packets, "let through");
  table.row_if("drained", summary.drained.packets, "at the end, by --fail");
  table.row_if("verdicts refused", summary.socket.refused_verdicts,
               "the kernel had let go of the packet");
  table.row_if("verdicts not sent", summary.socket.failed_sends);
}

void add_verdict(Table& table, const char* name, const queue::PacketCount& count,
                 const char* note = "") {
  const std::string text = fmt::format("{:>14} bytes{}{}", count.bytes, *note ? "  " : "", note);
  table.row(name, count.packets, text.c_str());
}

void add_verdicts(Table& table, const queue::Summary& summary) {
  table.title("verdicts");
  const auto count = [&](VerdictKind kind) { return summary.verdicts[size_t(kind)]; };
  const auto add_if = [&](VerdictKind kind) {
    if (count(kind).packets > 0) add_verdict(table, verdict_name(kind), count(kind));
  };
  add_verdict(table, "accept", count(VerdictKind::accept));
  add_verdict(table, "drop", count(VerdictKind::drop));
  add_verdict(table, "continue", count(VerdictKind::proceed), "no rule decided: let through");
  add_if(VerdictKind::stop);
  add_if(VerdictKind::queue);
  table.row_if("repeated too often", summary.repeated_too_often, "(included in drop)");
  add_if(VerdictKind::stolen);
  const auto end = [&](HeldEnd which) { return summary.held_ends[size_t(which)]; };
  table.row_if("  held now", summary.held);
  table.row_if("  sent later", end(HeldEnd::sent));
  table.row_if("  failed to send", end(HeldEnd::failed), "dropped");
  table.row_if("  closed", end(HeldEnd::closed), "dropped; abandoned ones too");
  table.row_if("  released", summary.held_released,
               "decided by --fail when their state ended (included in sent later or closed)");
}

void add_times(Table& table, const queue::TimeHistogram& histogram) {
  table.title("time in rules");
  for (size_t i = 0; i < queue::TimeHistogram::kBuckets; ++i) {
    const bool is_last = i + 1 == queue::TimeHistogram::kBuckets;
    const std::string name = is_last ? fmt::format("from {} us", histogram.limit_us(i - 1))
                                     : fmt::format("below {} us", histogram.limit_us(i));
    table.row_if(name.c_str(), histogram.buckets()[i]);
  }
}

}  // namespace

std::string run_summary(const queue::ServiceSummary& summary, uint64_t lines_left_out) {
  const auto& [queues, states] = summary;
  Table table;
  add_queue(table, queues);
  add_verdicts(table, queues);
  table.rules(queues.rules);
  table.script(states.counters, states.bytes_used);
  table.row_if("replies", queues.reply_packets, "packets");
  table.row_if("replies failed", queues.reply_failures);
  table.row_if("timers armed", states.timers_armed);
  table.row_if("log lines left out", lines_left_out, "too many, or nobody read them");
  add_times(table, queues.time_in_rules);
  return table.text();
}

}  // namespace nflua::cli
