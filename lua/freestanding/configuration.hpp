// SPDX-License-Identifier: GPL-2.0-or-later
// What Lua is told where there is no operating system: pre-included (compiler option -include) in
// every C++ file that goes into a kernel module, Lua's own ones and the engine's too, so that all
// of them agree about Lua's types and buffers.
//
// What can be said in Lua's own macros is said here, and not stubbed in a header of libc.
#pragma once

// A type that an interrupt may write; without <signal.h>.
#define l_signalT int
// There is no locale.
#define lua_getlocaledecpoint() '.'
// Nothing is written but by the engine, to its host.
#define lua_writestring(text, size) ((void)(text), (void)(size))
#define lua_writeline() ((void)0)
#define lua_writestringerror(format, argument) ((void)(argument))
// What a call may use of the C stack is asked of whoever runs it.
#define NFLUA_SMALL_STACKS
// objtool takes a computed goto for a call of another function.
#define LUA_USE_JUMPTABLE 0

#include "lua/double/lua_number.hpp"

// Bytes of a luaL_Buffer, which lives on the C stack: a kernel's has 16 KiB, for all that
// runs on it.
#undef LUAL_BUFFERSIZE
#define LUAL_BUFFERSIZE 256

// They never return, which Lua's headers do not say; objtool finds out, and wonders at code behind
// their calls.
#define NFLUA_RAISES __attribute__((noreturn))
extern "C" {
int lua_error(struct lua_State* L) NFLUA_RAISES;
int luaL_error(struct lua_State* L, const char* format, ...) NFLUA_RAISES;
int luaL_argerror(struct lua_State* L, int argument, const char* message) NFLUA_RAISES;
int luaL_typeerror(struct lua_State* L, int argument, const char* type) NFLUA_RAISES;
}
#undef NFLUA_RAISES
