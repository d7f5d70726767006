/* SPDX-License-Identifier: GPL-2.0-or-later
 * Userdata (lua/userdata.h) in an interpreter where each library makes its own: ours have one of
 * the metatables that engine/lua/memory_object.cpp registers. Where an object is allocated, a
 * finalizer of the program may run, and call any of our functions.
 */
#ifndef NFLUA_USERDATA_H
#define NFLUA_USERDATA_H

#include "lauxlib.h"
#include "lua.h"

enum { nflua_has_finalizers = 1 };

static inline int nflua_is_own_userdata(lua_State* L, int index) {
  return lua_type(L, index) == LUA_TUSERDATA &&
         (luaL_testudata(L, index, "memory") || luaL_testudata(L, index, "memory.closable"));
}

#endif
