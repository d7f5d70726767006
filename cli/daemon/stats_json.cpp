// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/daemon/stats_json.hpp"

#include <nlohmann/json.hpp>

namespace nflua::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Names may have bytes that are no UTF-8: these are replaced.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const Limits& limits) {
  Json json = Json::object();
#define NFLUA_LIMIT(key, ...) json[#key] = limits.key;
  NFLUA_STATE_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
  return json;
}

Json json_of(const StateCounters& counters) {
  Json json = Json::object();
#define NFLUA_COUNTER(key, ...) json[#key] = counters.key;
  NFLUA_STATE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  return json;
}

Json json_of(const Rule& rule) {
  return {{"kind", rule.kind == RuleKind::match ? "match" : "target"},
          {"function", rule.function},
          {"calls", rule.calls},
          {"packets", rule.packets},
          {"bytes", rule.bytes},
          {"errors", rule.errors}};
}

void add_rules(Json& rules, const queue::NamedState& state, const queue::Place& place) {
  if (!place.refers_to(state)) return;
  const std::vector<Rule> counted = place.summary().rules;
  for (size_t i = 0; i < counted.size(); ++i) {
    if (place.rules()[i].state != &state) continue;
    Json rule = {{"place", place.name()}};
    rule.update(json_of(counted[i]));
    rules.push_back(std::move(rule));
  }
}

Json json_of(const queue::Place& place) {
  const queue::Summary summary = place.summary();
  Json verdicts = Json::object();
  for (size_t i = 0; i < summary.verdicts.size(); ++i)
    if (summary.verdicts[i].packets > 0)
      verdicts[verdict_name(VerdictKind(i))] = summary.verdicts[i].packets;
  const auto held = [&](HeldEnd end) { return summary.held_ends[size_t(end)]; };
  Json json = {{"place", place.name()},
               {"served_by", place.is_served() ? place.description() : ""},
               {"rules", place.rules().size()},
               {"packets", summary.received.packets},
               {"bytes", summary.received.bytes},
               {"verdicts", verdicts},
               {"not_ip", summary.not_ip.packets},
               {"outside_filter", summary.outside_filter.packets},
               {"drained", summary.drained.packets},
               {"held_sent", held(HeldEnd::sent)},
               {"held_failed", held(HeldEnd::failed)},
               {"held_closed", held(HeldEnd::closed)},
               {"verdicts_refused", summary.socket.refused_verdicts},
               {"verdicts_not_sent", summary.socket.failed_sends}};
#define NFLUA_COUNTER(key, ...) json[#key] = summary.key;
  NFLUA_PLACE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  return json;
}

}  // namespace

std::string state_stats_json(queue::NamedState& state,
                             const std::vector<std::unique_ptr<queue::Place>>& places) {
  const queue::StateSummary summary = state.summary();
  Json json = {{"state", state.name()},
               {"replicas", state.replicas()},
               {"bytes_used", summary.bytes_used},
               {"timers_armed", summary.timers_armed},
               {"packets_held", summary.held}};
  json.update(json_of(summary.counters));
  Json rules = Json::array();
  for (const auto& place : places) add_rules(rules, state, *place);
  json["rules"] = std::move(rules);
  json["limits"] = json_of(state.limits());
  return text_of(json);
}

std::string server_stats_json(const queue::Service& service, const control::CommandServer& server,
                              uint64_t data_refused) {
  const control::ServerCounters& counters = server.counters();
  Json json = {{"port", server.port()},
               {"workers", service.workers()},
               {"states", service.states().size()},
               {"clients", server.clients()},
               {"data_refused", data_refused}};
#define NFLUA_COUNTER(key, ...) json[#key] = counters.key;
  NFLUA_SERVER_COUNTERS(NFLUA_COUNTER)
  NFLUA_DAEMON_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  Json places = Json::array();
  for (const auto& place : service.places()) places.push_back(json_of(*place));
  json["places"] = std::move(places);
  return text_of(json);
}

}  // namespace nflua::cli
