// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's side of datapath/kernel/runtime.h for a test: one packet, no timers that run, and a
// stack whose use is measured.
#pragma once

#include <cstddef>
#include <string>

#include "datapath/kernel/runtime.h"

/// What the kernel has of a state; here, what the test wants to know of it.
struct state {
  /// The last report of a callback that failed, cut off.
  char error[256];
  size_t error_size = 0;

  std::string last_error() const { return {error, error_size}; }
};

namespace nflua::test {

/// Bytes of C stack that calls get, as datapath/kernel/world.c has it.
constexpr size_t kCallbackStackBytes = 6144;
constexpr size_t kChunkStackBytes = 9216;
/// Bytes below those that may be used all the same: what errors are made in (lua/meter.h), and what
/// functions take that are called without a look at the stack. A kernel must have that, too.
constexpr size_t kBeyondStackBytes = 1024 + 2048;

/// Bytes of stack that were used below nflua_budget_enter() since it was last called, of at most
/// kPaintedBytes. Zero where no bound is asked for (AddressSanitizer).
size_t used_stack_bytes();
constexpr size_t kPaintedBytes = 32 << 10;

/// The packet that callbacks are called with: TCP over IPv4.
offered_packet* the_packet();

/// Whether all memory was given back, and all timers and packets ended.
bool is_world_as_before();

}  // namespace nflua::test
