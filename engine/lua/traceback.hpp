// SPDX-License-Identifier: GPL-2.0-or-later
// The text of an error as a person reads it: message and traceback. Lua's own searches all loaded
// modules for the name of each function, by string comparisons; this one doesn't.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

/// Replaces the error's value on top of L's stack by its text and the calls that led there, from
/// `level` of thread `from` on. At most kMaxLogBytes.
/// Errors: raises when out of memory or steps; a value's __tostring may raise too.
void push_traceback(lua_State* L, lua_State* from, int level);

}  // namespace nflua
