// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzzers that run a script share: bounds that are soon reached, and what must hold of a
// state whatever a script did.
#pragma once

#include <gtest/gtest.h>

#include "tests/fuzz/fuzz.hpp"
#include "tests/support/script.hpp"

namespace nflua::fuzz {

inline Limits small_limits() {
  Limits limits;
  limits.max_bytes = size_t{1} << 20;
  limits.max_instructions = 20'000;
  limits.max_timers = 16;
  limits.max_held_packets = 4;
  limits.max_held_bytes = 16'384;
  return limits;
}

/// The doubles tell of leaks by failed expectations: each is a finding.
inline void stop_at_failed_expectations() { GTEST_FLAG_SET(break_on_failure, true); }

inline void require_within_limits(State& state) {
  const Limits& limits = state.limits();
  require(state.bytes_used() <= limits.max_bytes, "bytes are bounded");
  require(state.armed_timers() <= limits.max_timers, "timers are bounded");
  require(state.held_packets() <= limits.max_held_packets, "held packets are bounded");
}

/// A script that compares prints what differs, and nothing else.
inline void require_silence(const test::Script& script) {
  const std::string printed = script.printed();
  require(printed.empty(), printed.c_str());
}

inline test::Buffer buffer_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace nflua::fuzz
