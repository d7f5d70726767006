/* SPDX-License-Identifier: GPL-2.0-or-later
 * Pre-included in every file of Lua (compiler option -include): Lua's own configuration, then what
 * we want otherwise. A file FILE.c that needs more has overlay/after_FILE.h, which includes this
 * one. Nothing in Lua's sources is changed.
 */
#ifndef NFLUA_OVERLAY_COMMON_H
#define NFLUA_OVERLAY_COMMON_H

#define LUA_CORE
#include "lua.h"

#include "lua/meter.h"

/* Every entry into the core from C is a checkpoint: no loop through the API escapes. */
#define lua_lock(L) nflua_tick(L)
#define lua_unlock(L) ((void)0)
/* In Lua itself this is a pair of unlock and lock after each allocating instruction. */
#define luai_threadyield(L) ((void)0)
#define luai_userstateopen(L) nflua_prepare_message(L)
/* A resume saves registers, and moves values between stacks. */
#define luai_userstateresume(L, n) nflua_take_steps(4 + (size_t)(n) / NFLUA_VALUES_PER_STEP)

#define luai_makeseed(L) (nflua_meter.seed)

/* Slots. A stack of this size is copied, and traversed by the collector, at one go. The registry's
 * index, which derives from it, stays what those who include lua.h without overlay see. */
enum { nflua_registry_index = LUA_REGISTRYINDEX };
#undef LUA_REGISTRYINDEX
#define LUA_REGISTRYINDEX nflua_registry_index
#undef LUAI_MAXSTACK
#define LUAI_MAXSTACK 4000
/* Measures the C stack too. Every use has L in scope. */
#define LUAI_MAXCCALLS nflua_call_limit(getCcalls(L))

#undef l_sprintf
#ifdef NFLUA_SOFT_DOUBLE
#include "lua/double/priced.hpp"
#define l_sprintf(s, sz, f, i) nflua::soft::print_priced(s, sz, f, i)
#undef lua_str2number
#define lua_str2number(s, p) nflua::soft::parse_priced(s, p)
#else
/* A NaN has no sign in text: which one it has depends on the machine. */
#define nflua_plain_nan(x) ((x) != (x) ? __builtin_nan("") : (x))
#define nflua_printable(x) \
  _Generic((x), double : nflua_plain_nan(_Generic((x), double : (x), default : 0.0)), default : (x))
#define l_sprintf(s, sz, f, i) nflua_format(s, sz, f, nflua_printable(i))
#endif

#endif
