// SPDX-License-Identifier: GPL-2.0-or-later
// Events as one JSON object a line, for programs. Schema: docs/events.md.
#pragma once

#include <cstdio>

#include "datapath/events.hpp"

namespace nflua::cli {

class JsonEvents final : public Events {
 public:
  /// Borrows: `out`.
  explicit JsonEvents(std::FILE* out) : out_(out) {}

  void packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) override;
  void rule(uint64_t number, const Rule& rule, Verdict verdict) override;
  void verdict(uint64_t number, int64_t time_ns, const Decision& decision, uint32_t mark) override;
  void held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) override;
  void reply(uint64_t number, int64_t time_ns, Bytes ip) override;
  void datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) override;
  void log(int64_t time_ns, const Report& report) override;

 private:
  std::FILE* out_;
};

}  // namespace nflua::cli
