/* SPDX-License-Identifier: GPL-2.0-or-later
 * What our bindings may take for granted of userdata in a state of ours: nobody else makes any, so
 * that they may read its first word at once; and no script's code runs while an object is
 * allocated, as __gc is refused. lua_modules/plain/lua/ has the same of an interpreter that we
 * share.
 */
#ifndef NFLUA_USERDATA_H
#define NFLUA_USERDATA_H

#include "lua.h"

enum { nflua_has_finalizers = 0 };

static inline int nflua_is_own_userdata(lua_State* L, int index) {
  return lua_type(L, index) == LUA_TUSERDATA;
}

#endif
