// SPDX-License-Identifier: GPL-2.0-or-later
// The events of a replay as lines that a test can compare: "TIME KIND …", with the time in
// milliseconds after `start_ns`.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "datapath/events.hpp"
#include "tests/support/packets.hpp"

namespace nflua::test {

class RecordedEvents final : public Events {
 public:
  explicit RecordedEvents(int64_t start_ns = 0) : start_ns_(start_ns) {}

  std::vector<std::string> lines;

  void packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) override {
    add(time_ns, fmt::format("packet {}: {} of {} bytes", number, ip.size(), original_bytes));
  }
  void rule(uint64_t number, const Rule& rule, Verdict verdict) override {
    lines.push_back(
        fmt::format("rule {}: {} {}", number, rule.function, verdict_name(verdict.kind)));
  }
  void verdict(uint64_t number, int64_t time_ns, const Decision& decision, uint32_t mark) override {
    add(time_ns,
        fmt::format("verdict {}: {} mark {}", number, verdict_name(decision.verdict.kind), mark));
  }
  void held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) override {
    static constexpr const char* kNames[] = {"sent", "failed", "closed"};
    add(time_ns, fmt::format("held {}: {} {} bytes", number, kNames[size_t(end)], ip.size()));
  }
  void reply(uint64_t number, int64_t time_ns, Bytes ip) override {
    add(time_ns, fmt::format("reply {}: {} bytes", number, ip.size()));
  }
  void datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) override {
    add(time_ns, fmt::format("datagram {} {}: {}", port, groups, text_of(payload)));
  }
  /// The first line of what is logged.
  void log(int64_t time_ns, const Report& report) override {
    const std::string text(report.text.data(), report.text.size());
    add(time_ns, "log " + text.substr(0, text.find('\n')));
  }

 private:
  void add(int64_t time_ns, const std::string& what) {
    constexpr int64_t kNsPerMs = 1'000'000;
    lines.push_back(fmt::format("{} {}", (time_ns - start_ns_) / kNsPerMs, what));
  }

  int64_t start_ns_;
};

}  // namespace nflua::test
