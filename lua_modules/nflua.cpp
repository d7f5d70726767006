// SPDX-License-Identifier: GPL-2.0-or-later
// The module `nflua`: steers the daemon or the kernel module from Lua (docs/lua-module.md).
#include "lua_modules/memory_version.hpp"
#include "lua_modules/socket.hpp"

namespace nflua {
namespace {

constexpr luaL_Reg kModuleFunctions[] = {
    {"control", nflua_control},
    {"data", nflua_data},
    {nullptr, nullptr},
};

/// Payloads may be memories, whose layout both modules must agree on.
void require_memory(lua_State* L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "memory");
  lua_call(L, 1, 0);
  check_memory_version(L);
}

}  // namespace
}  // namespace nflua

extern "C" __attribute__((visibility("default"))) int luaopen_nflua(lua_State* L) {
  nflua::require_memory(L);
  nflua::register_control(L);
  nflua::register_data(L);
  luaL_newlib(L, nflua::kModuleFunctions);
  return 1;
}
