// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/binding.hpp"

namespace nflua {

void new_metatable(lua_State* L, const char* type_name, const luaL_Reg* methods) {
  luaL_newmetatable(L, type_name);
  if (methods) luaL_setfuncs(L, methods, 0);
  lua_pushstring(L, type_name);
  lua_setfield(L, -2, "__metatable");
}

}  // namespace nflua
