// SPDX-License-Identifier: GPL-2.0-or-later
// Events as one JSON object a line, for programs. Schema: docs/events.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "cli/line_sink.hpp"
#include "datapath/events.hpp"

namespace nflua::cli {

class JsonEvents final : public Events {
 public:
  /// Borrows: `out`.
  explicit JsonEvents(LineSink& out) : out_(out) {}

  void packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) override;
  void rule(uint64_t number, const Rule& rule, Verdict verdict) override;
  void verdict(uint64_t number, int64_t time_ns, const Decision& decision, uint32_t mark) override;
  void held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) override;
  void reply(uint64_t number, int64_t time_ns, Bytes ip) override;
  void datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) override;
  void log(int64_t time_ns, const Report& report) override;

  /// So many packets of a replay met no rule. `why`: a word of docs/events.md.
  void unseen(const char* why, uint64_t packets);
  /// The same for those of a link type that isn't read. `name`: empty: libpcap has none.
  void unseen_link_type(uint16_t link_type, std::string_view name, uint64_t packets);
  /// So many things of a replay were left undone. `what`: a word of docs/events.md.
  void left(const char* what, uint64_t count);

  /// Events that the sink left out and that no event has told of yet.
  uint64_t lost() const { return lost_; }

 private:
  template <class Json>
  void print(const Json& event);
  /// Tells what was left out, once there is room again. False: there is none.
  bool tell_lost();

  LineSink& out_;
  uint64_t lost_ = 0;
};

}  // namespace nflua::cli
