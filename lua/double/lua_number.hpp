// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the software double lua_Number: pre-included (compiler option -include) in every file that
// includes Lua's headers, Lua's own ones too, all of them compiled as C++.
//
// What Lua's luaconf.h says of numbers is said again here; the functions come from the <math.h> in
// lua/double/include. lua/overlay/common.h looks at NFLUA_SOFT_DOUBLE.
#pragma once

#define NFLUA_SOFT_DOUBLE

#include "lua/double/double.hpp"
#include "luaconf.h"

#undef LUA_NUMBER
#define LUA_NUMBER nflua::soft::Double
#undef LUAI_UACNUMBER
#define LUAI_UACNUMBER nflua::soft::Double
#undef LUAI_MAXALIGN
#define LUAI_MAXALIGN \
  lua_Number n;       \
  void* s;            \
  lua_Integer i;      \
  long l

// luaconf.h took it for a reason to throw.
#define LUA_USE_LONGJMP
