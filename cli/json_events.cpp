// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/json_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <string>

#include "datapath/engine_text.hpp"
#include "engine/address.hpp"
#include "engine/wire.hpp"

namespace nflua::cli {

namespace {

// Keeps the order of docs/events.md, which people read.
using Json = nlohmann::ordered_json;

std::string hex(Bytes bytes) {
  return fmt::format("{:02x}", fmt::join(bytes.begin(), bytes.end(), ""));
}

std::string string_of(const Address& address) {
  char text[kAddressTextBytes];
  return {text, format_address(address, text)};
}

/// A script's text may be any bytes; what isn't UTF-8 becomes U+FFFD.
std::string line_of(const Json& event) {
  return event.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

void add_tuple(Json& event, Bytes ip) {
  const Result<Tuple> tuple = parse_tuple(ip);
  if (!tuple) {
    event["malformed"] = tuple.error().text();
    return;
  }
  event["family"] = int(tuple->source.family);
  event["protocol"] = int(tuple->protocol);
  event["source"] = string_of(tuple->source);
  if (tuple->has_ports) event["source_port"] = tuple->source_port;
  event["destination"] = string_of(tuple->destination);
  if (tuple->has_ports) event["destination_port"] = tuple->destination_port;
}

void add_verdict(Json& event, Verdict verdict) {
  event["verdict"] = verdict_name(verdict.kind);
  if (verdict.kind == VerdictKind::queue) event["queue"] = verdict.queue;
}

const char* held_end_name(HeldEnd end) {
  switch (end) {
    case HeldEnd::sent:
      return "sent";
    case HeldEnd::failed:
      return "failed";
    case HeldEnd::closed:
      break;
  }
  return "closed";
}

}  // namespace

template <class Json>
void JsonEvents::print(const Json& event) {
  if ((lost_ > 0 && !tell_lost()) || !out_.put(line_of(event))) ++lost_;
}

bool JsonEvents::tell_lost() {
  if (!out_.put(line_of(Json{{"event", "lost"}, {"events", lost_}}))) return false;
  lost_ = 0;
  return true;
}

void JsonEvents::packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) {
  Json event{{"event", "packet"}, {"packet", number}, {"time_ns", time_ns}, {"bytes", ip.size()}};
  if (original_bytes != ip.size()) event["original_bytes"] = original_bytes;
  add_tuple(event, ip);
  print(event);
}

void JsonEvents::rule(uint64_t number, const Rule& rule, Verdict verdict) {
  Json event{{"event", "rule"},
             {"packet", number},
             {"kind", rule.kind == RuleKind::match ? "match" : "target"},
             {"function", rule.function}};
  add_verdict(event, verdict);
  print(event);
}

void JsonEvents::verdict(uint64_t number, int64_t time_ns, const Decision& decision,
                         uint32_t mark) {
  Json event{{"event", "verdict"}, {"packet", number}, {"time_ns", time_ns}};
  add_verdict(event, decision.verdict);
  if (decision.rule) event["function"] = decision.rule->function;
  if (decision.repeated_too_often) event["repeated_too_often"] = true;
  if (mark != 0) event["mark"] = mark;
  print(event);
}

void JsonEvents::held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) {
  Json event{{"event", "verdict"},
             {"packet", number},
             {"time_ns", time_ns},
             {"verdict", held_end_name(end)}};
  if (end == HeldEnd::sent) event["data"] = hex(ip);
  print(event);
}

void JsonEvents::reply(uint64_t number, int64_t time_ns, Bytes ip) {
  Json event{{"event", "reply"}, {"packet", number}, {"time_ns", time_ns}, {"bytes", ip.size()}};
  add_tuple(event, ip);
  event["data"] = hex(ip);
  print(event);
}

void JsonEvents::datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) {
  print(Json{{"event", "datagram"},
             {"time_ns", time_ns},
             {"port", port},
             {"groups", groups},
             {"bytes", payload.size()},
             {"data", hex(payload)}});
}

void JsonEvents::log(int64_t time_ns, const Report& report) {
  const bool is_error = report.kind == ReportKind::callback_error;
  Json event{{"event", is_error ? "error" : "log"},
             {"time_ns", time_ns},
             {"state", string_of(report.state)}};
  if (!report.function.empty()) event["function"] = string_of(report.function);
  event["text"] = string_of(report.text);
  print(event);
}

void JsonEvents::unseen(const char* why, uint64_t packets) {
  if (packets > 0) print(Json{{"event", "unseen"}, {"packets", packets}, {"why", why}});
}

void JsonEvents::unseen_link_type(uint16_t link_type, std::string_view name, uint64_t packets) {
  Json event{
      {"event", "unseen"}, {"packets", packets}, {"why", "link_type"}, {"link_type", link_type}};
  if (!name.empty()) event["name"] = name;
  print(event);
}

void JsonEvents::left(const char* what, uint64_t count) {
  if (count > 0) print(Json{{"event", "left"}, {"what", what}, {"count", count}});
}

}  // namespace nflua::cli
