// SPDX-License-Identifier: GPL-2.0-or-later
// How memory.so and nflua.so, two libraries that share the C++ objects of engine/lua/memory.hpp,
// know that they are of one build: the metatable is the same, so its layout must be.
#pragma once

extern "C" {
#include "lauxlib.h"
#include "lua.h"
}

namespace nflua {

inline constexpr const char* kMemoryVersionKey = "nflua.memory";

inline void set_memory_version(lua_State* L) {
  lua_pushliteral(L, NFLUA_VERSION);
  lua_setfield(L, LUA_REGISTRYINDEX, kMemoryVersionKey);
}

/// Errors: raises if the program has loaded another `memory`, or one of another build.
inline void check_memory_version(lua_State* L) {
  lua_getfield(L, LUA_REGISTRYINDEX, kMemoryVersionKey);
  lua_pushliteral(L, NFLUA_VERSION);
  if (!lua_rawequal(L, -1, -2))
    luaL_error(L, "module 'memory' is not that of nflua " NFLUA_VERSION);
  lua_pop(L, 2);
}

}  // namespace nflua
