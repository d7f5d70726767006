// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/live_events.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace nflua::cli {

namespace {

/// Whether a line would be taken at once: a terminal or a pipe may be stuck.
bool standard_error_takes_a_line() {
  pollfd out{STDERR_FILENO, POLLOUT, 0};
  constexpr int kDontWait = 0;
  return poll(&out, 1, kDontWait) == 1 && (out.revents & POLLOUT);
}

}  // namespace

void LiveEvents::packet(uint64_t number, int64_t time_ns, Bytes ip, uint32_t original_bytes) {
  const std::lock_guard lock(mutex_);
  inner_.packet(number, time_ns, ip, original_bytes);
}

void LiveEvents::rule(uint64_t number, const Rule& rule, Verdict verdict) {
  const std::lock_guard lock(mutex_);
  inner_.rule(number, rule, verdict);
}

void LiveEvents::verdict(uint64_t number, int64_t time_ns, const Decision& decision,
                         uint32_t mark) {
  const std::lock_guard lock(mutex_);
  inner_.verdict(number, time_ns, decision, mark);
}

void LiveEvents::held_end(uint64_t number, int64_t time_ns, HeldEnd end, Bytes ip) {
  const std::lock_guard lock(mutex_);
  inner_.held_end(number, time_ns, end, ip);
}

void LiveEvents::reply(uint64_t number, int64_t time_ns, Bytes ip) {
  const std::lock_guard lock(mutex_);
  inner_.reply(number, time_ns, ip);
}

void LiveEvents::datagram(int64_t time_ns, uint32_t port, uint32_t groups, Bytes payload) {
  const std::lock_guard lock(mutex_);
  inner_.datagram(time_ns, port, groups, payload);
}

void LiveEvents::log(int64_t time_ns, const Report& report) {
  const std::lock_guard lock(mutex_);
  if (!limits_log_ || admit_line())
    inner_.log(time_ns, report);
  else
    ++left_out_;
}

bool LiveEvents::admit_line() {
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> passed = now - refilled_;
  refilled_ = now;
  lines_ = std::min(kLogBurstLines, lines_ + passed.count() * kLogLinesPerSecond);
  if (lines_ < 1 || !standard_error_takes_a_line()) return false;
  --lines_;
  return true;
}

uint64_t LiveEvents::lines_left_out() {
  const std::lock_guard lock(mutex_);
  return left_out_;
}

}  // namespace nflua::cli
