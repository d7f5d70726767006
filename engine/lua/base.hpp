// SPDX-License-Identifier: GPL-2.0-or-later
// What a fresh VM holds: the standard libraries as far as scripts may use them, and the registry of
// modules that `require` knows. The openers of the libraries' parts are in the files of their name.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

/// Runs `opener`, makes the table it pushes a global, and lets `require(name)` find it.
void open_module(lua_State* L, const char* name, lua_CFunction opener);

/// Leaves what is on top of the stack as the global `name`, for `require` too; pops it.
void register_module(lua_State* L, const char* name);

/// Pushes the values at `first` to `last` as one line: each as tostring shows it, a tab between
/// two, cut off, with "..." at its end, where it is longer than kMaxLogBytes.
void push_line(lua_State* L, int first, int last);

/// Replaces functions in the library's table on top of the stack.
void harden_string(lua_State* L);
void harden_utf8(lua_State* L);

/// Calls the C function that is upvalue 1 with the arguments that came, in the same frame.
/// Requires: it has no upvalues itself.
inline int call_stock(lua_State* L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

/// In the library's table on top of the stack: puts `guard` before function `name`, which becomes
/// its upvalue 1.
void guard_function(lua_State* L, const char* name, lua_CFunction guard);

}  // namespace nflua
