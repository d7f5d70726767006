// SPDX-License-Identifier: GPL-2.0-or-later
// What happens to packets and scripts, told to whoever wants to show it (docs/events.md is the
// schema of the machine-readable form).
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/bytes.hpp"
#include "engine/host.hpp"
#include "engine/rules.hpp"

namespace nflua {

/// What a held packet came to.
enum class HeldEnd : uint8_t { sent, failed, closed };
inline constexpr size_t kHeldEnds = size_t(HeldEnd::closed) + 1;

class Events {
 public:
  /// A packet is about to meet the rules. Numbers count the packets (of a
  /// replay: the capture's records) from 1.
  virtual void packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) = 0;
  virtual void rule(uint64_t number, const Rule& rule, Verdict verdict) = 0;
  virtual void verdict(uint64_t number, int64_t time_ns, const Decision& decision,
                       uint32_t mark) = 0;
  /// `ip`: as sent; empty unless it was.
  virtual void held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) = 0;
  virtual void reply(uint64_t number, int64_t time_ns, Bytes ip) = 0;
  virtual void datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) = 0;
  virtual void log(int64_t time_ns, const Report& report) = 0;

 protected:
  ~Events() = default;
};

}  // namespace nflua
