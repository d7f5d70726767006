// SPDX-License-Identifier: GPL-2.0-or-later
// What Lua costs without us, in the same Lua, unbounded: the floor of everything that calls a
// script. Prints CPU nanoseconds per call:
//   call NS     a protected call of a function that returns true
//   unpack NS   what it adds to push a packet as a string and string.unpack six values of it
#include <stdio.h>
#include <stdlib.h>

#include "bench/stopwatch.hpp"
#include "bench/workload.hpp"

extern "C" {
#include "lauxlib.h"
#include "lualib.h"
}

namespace nflua::bench {
namespace {

constexpr const char* kScript =
    "local unpack <const> = string.unpack\n"
    "function trivial() return true end\n"
    "function six(packet)\n"
    "  local a, b, c, d, e, f = unpack('" NFLUA_BENCH_FORMAT
    "', packet)\n"
    "  return f ~= nil\n"
    "end\n";

void check(lua_State* L, int status) {
  if (status == LUA_OK) return;
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  exit(1);
}

void call_trivial(lua_State* L) {
  lua_getglobal(L, "trivial");
  check(L, lua_pcall(L, 0, 1, 0));
  lua_settop(L, 0);
}

void call_unpack(lua_State* L) {
  lua_getglobal(L, "six");
  lua_pushlstring(L, reinterpret_cast<const char*>(kSamplePacket.data()), kSamplePacket.size());
  check(L, lua_pcall(L, 1, 1, 0));
  lua_settop(L, 0);
}

}  // namespace
}  // namespace nflua::bench

int main() {
  using namespace nflua::bench;
  lua_State* L = luaL_newstate();
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
  lua_settop(L, 0);
  check(L, luaL_dostring(L, kScript));
  const double call_ns = ns_per_call([L] { call_trivial(L); });
  const double unpack_ns = ns_per_call([L] { call_unpack(L); }) - call_ns;
  printf("call %.1f\nunpack %.1f\n", call_ns, unpack_ns);
  lua_close(L);
}
