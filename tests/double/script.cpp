// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a script whose output is compared: compiled once with each of the two kinds of lua_Number.
//   script FILE
extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
}

#include <cstdio>
#include <initializer_list>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  lua_State* L = luaL_newstate();
  for (const luaL_Reg library :
       {luaL_Reg{LUA_GNAME, luaopen_base}, luaL_Reg{LUA_TABLIBNAME, luaopen_table},
        luaL_Reg{LUA_STRLIBNAME, luaopen_string}, luaL_Reg{LUA_MATHLIBNAME, luaopen_math}})
    luaL_requiref(L, library.name, library.func, 1);
  const bool is_done = luaL_dofile(L, argv[1]) == LUA_OK;
  if (!is_done) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return is_done ? 0 : 1;
}
