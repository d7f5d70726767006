// SPDX-License-Identifier: GPL-2.0-or-later
// Inside: luaD_pcall is what lua_pcall calls once it has found function and handler.
#define LUA_CORE

#include "lua/protect.h"

#include "ldo.h"
#include "lobject.h"
#include "lstate.h"

int nflua_protect(lua_State* L, void (*function)(lua_State*, void*), void* argument, int handler) {
  return luaD_pcall(L, function, argument, savestack(L, L->top),
                    savestack(L, L->ci->func + handler));
}
