// SPDX-License-Identifier: GPL-2.0-or-later
// Timer objects as the state uses them. The script's side is engine/lua/timer.cpp.
//
//   create ─► armed ─┬─► push_timer_callback: its function runs      ─► over
//                    └─► timer.destroy, cancel_all_timers: cancelled ─► over
//
// Invariants: an armed timer is in its state's chain, is counted there, has a handle of the host,
// and is anchored in the registry, its function with it: it stays though the script drops it. One
// that is over is none of this.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

/// A userdata; its function is its user value.
struct Timer : Object {
  static constexpr ObjectKind kKind = ObjectKind::timer;
  /// nullptr: not armed.
  TimerHandle* handle;
  /// The state's chain.
  Timer* next;
  Timer* previous;
};

/// Ends an armed timer that is due, and pushes its function; the timer itself may then be garbage.
/// Context: before the budget of the call begins; there it doesn't raise.
void push_timer_callback(lua_State* L, Timer& timer);

/// Cancels what is armed. Context: nothing of the state runs any more.
void cancel_all_timers(State& state);

}  // namespace nflua
