// SPDX-License-Identifier: GPL-2.0-or-later
// Events that several threads tell, one at a time.
#pragma once

#include <mutex>

#include "datapath/events.hpp"

namespace nflua::cli {

class LockedEvents final : public Events {
 public:
  /// Borrows: `inner`.
  explicit LockedEvents(Events& inner) : inner_(inner) {}

  void packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) override;
  void rule(uint64_t number, const Rule& rule, Verdict verdict) override;
  void verdict(uint64_t number, int64_t time_ns, const Decision& decision, uint32_t mark) override;
  void held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) override;
  void reply(uint64_t number, int64_t time_ns, Bytes ip) override;
  void datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) override;
  void log(int64_t time_ns, const Report& report) override;

 private:
  std::mutex mutex_;
  Events& inner_;
};

}  // namespace nflua::cli
