// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's module `memory` for any Lua 5.4 program (docs/lua-module.md).
#include "engine/lua/memory.hpp"
#include "lua_modules/memory_version.hpp"

extern "C" __attribute__((visibility("default"))) int luaopen_memory(lua_State* L) {
  const int results = nflua::open_memory(L);
  nflua::set_memory_version(L);
  return results;
}
