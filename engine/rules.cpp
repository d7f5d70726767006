// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/rules.hpp"

#include "engine/state.hpp"
#include "engine/wire.hpp"

namespace nflua {

namespace {

void set_mark(const Rule& rule, Packet& packet) {
  if (rule.mark_mask == 0) return;
  packet.set_mark((packet.mark() & ~rule.mark_mask) | (rule.mark & rule.mark_mask));
}

Verdict run_match(Rule& rule, Packet& packet) {
  switch (rule.state->match(rule.function, packet)) {
    case MatchAnswer::yes:
      set_mark(rule, packet);
      return rule.on_match;
    case MatchAnswer::hotdrop:
      return {VerdictKind::drop};
    case MatchAnswer::failed:
      ++rule.errors;
      return {};
    case MatchAnswer::no:
      break;
  }
  return {};
}

Verdict run_target(Rule& rule, Packet& packet) {
  const TargetAnswer answer = rule.state->target(rule.function, packet);
  if (answer.failed) ++rule.errors;
  return answer.verdict;
}

bool wants(const Rule& rule, Packet& packet) {
  if (!rule.tcp_payload_only) return true;
  const Result<bool> carries = carries_tcp_payload(packet.bytes());
  if (!carries) rule.state->count_unreadable();
  return carries && *carries;
}

Verdict run_rule(Rule& rule, Packet& packet) {
  if (!wants(rule, packet)) return {};
  ++rule.calls;
  return rule.kind == RuleKind::match ? run_match(rule, packet) : run_target(rule, packet);
}

}  // namespace

const char* verdict_name(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::proceed:
      return "continue";
    case VerdictKind::accept:
      return "accept";
    case VerdictKind::drop:
      return "drop";
    case VerdictKind::stolen:
      return "stolen";
    case VerdictKind::queue:
      return "queue";
    case VerdictKind::repeat:
      return "repeat";
    case VerdictKind::stop:
      return "stop";
  }
  return "unknown";
}

namespace {

/// Once through the list. A verdict of `proceed` means that no rule decided.
Decision run_once(Rule* rules, size_t count, Packet& packet, RuleObserver* observer) {
  for (Rule* rule = rules; rule != rules + count; ++rule) {
    const Verdict verdict = run_rule(*rule, packet);
    if (observer) observer->rule_ran(*rule, verdict);
    if (verdict.kind != VerdictKind::proceed) return {verdict, rule};
  }
  return {};
}

}  // namespace

Decision run_rules(Rule* rules, size_t count, Packet& packet, RuleObserver* observer) {
  const size_t packet_bytes = packet.bytes().size();
  Decision decision = run_once(rules, count, packet, observer);
  for (uint32_t i = 0; decision.verdict.kind == VerdictKind::repeat && i < kMaxRepeats; ++i)
    decision = run_once(rules, count, packet, observer);
  if (decision.verdict.kind == VerdictKind::repeat) {
    decision.verdict = {VerdictKind::drop};
    decision.repeated_too_often = true;
    decision.rule->state->report_error(decision.rule->function,
                                       "packet repeated more than 64 times: dropped");
  }
  if (decision.rule) {
    ++decision.rule->packets;
    decision.rule->bytes += packet_bytes;
  }
  return decision;
}

}  // namespace nflua
