// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/locked_events.hpp"

namespace nflua::cli {

void LockedEvents::packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) {
  const std::lock_guard lock(mutex_);
  inner_.packet(number, time_ns, ip, original_bytes);
}

void LockedEvents::rule(uint64_t number, const Rule& rule, Verdict verdict) {
  const std::lock_guard lock(mutex_);
  inner_.rule(number, rule, verdict);
}

void LockedEvents::verdict(uint64_t number, int64_t time_ns, const Decision& decision,
                           uint32_t mark) {
  const std::lock_guard lock(mutex_);
  inner_.verdict(number, time_ns, decision, mark);
}

void LockedEvents::held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) {
  const std::lock_guard lock(mutex_);
  inner_.held_end(number, time_ns, end, ip);
}

void LockedEvents::reply(uint64_t number, int64_t time_ns, Bytes ip) {
  const std::lock_guard lock(mutex_);
  inner_.reply(number, time_ns, ip);
}

void LockedEvents::datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) {
  const std::lock_guard lock(mutex_);
  inner_.datagram(time_ns, port, groups, payload);
}

void LockedEvents::log(int64_t time_ns, const Report& report) {
  const std::lock_guard lock(mutex_);
  inner_.log(time_ns, report);
}

}  // namespace nflua::cli
