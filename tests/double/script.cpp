// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a script whose output is compared: compiled once with each of the two kinds of lua_Number.
// All that needs a libc is here, as Lua without one has no files and nowhere to print.
//   script FILE
extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
}

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace {

void* allocate(void*, void* block, size_t, size_t bytes) {
  if (bytes > 0) return std::realloc(block, bytes);
  std::free(block);
  return nullptr;
}

int print(lua_State* L) {
  const int count = lua_gettop(L);
  for (int i = 1; i <= count; ++i) {
    size_t size = 0;
    const char* text = luaL_tolstring(L, i, &size);
    if (i > 1) putchar('\t');
    fwrite(text, 1, size, stdout);
    lua_pop(L, 1);
  }
  putchar('\n');
  return 0;
}

lua_State* new_vm() {
  lua_State* L = lua_newstate(allocate, nullptr);
  for (const luaL_Reg library :
       {luaL_Reg{LUA_GNAME, luaopen_base}, luaL_Reg{LUA_TABLIBNAME, luaopen_table},
        luaL_Reg{LUA_STRLIBNAME, luaopen_string}, luaL_Reg{LUA_MATHLIBNAME, luaopen_math}})
    luaL_requiref(L, library.name, library.func, 1);
  lua_register(L, "print", print);
  return L;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1]);
  const std::string source{std::istreambuf_iterator<char>(file), {}};
  lua_State* L = new_vm();
  const bool is_done = luaL_loadbuffer(L, source.data(), source.size(), argv[1]) == LUA_OK &&
                       lua_pcall(L, 0, 0, 0) == LUA_OK;
  if (!is_done) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return is_done ? 0 : 1;
}
