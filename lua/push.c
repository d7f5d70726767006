// SPDX-License-Identifier: GPL-2.0-or-later
#define LUA_CORE

#include "lua/push.h"

#include "lobject.h"
#include "lstate.h"

void nflua_push_integers(lua_State* L, const long long* values, int count) {
  for (int i = 0; i < count; ++i) {
    setivalue(s2v(L->top), values[i]);
    L->top++;
  }
}
