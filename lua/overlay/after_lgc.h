/* SPDX-License-Identifier: GPL-2.0-or-later
 * Finalizers are ours alone (setmetatable refuses __gc) and free things outside Lua: they run
 * whatever the state of the budget, the stacks and the memory.
 */
#include "overlay/common.h"

#include "lua.h"

#include "ldo.h"
#include "lstring.h"

#define luaD_pcall(L, function, argument, top, handler) ((void)(function), nflua_run_finalizer(L))

/* Only __mode is searched for letters. A script may set it behind setmetatable's back; weak keys
 * would make the collector's atomic phase quadratic, so they count as strong. It is searched again
 * for each table that is marked: not beyond the letters that have a meaning. */
#include <string.h>
#define NFLUA_MODE_LETTERS 2
#define strchr(text, letter) \
  ((letter) == 'k' ? NULL : (const char*)memchr(text, letter, strnlen(text, NFLUA_MODE_LETTERS)))

/* Shrinks the table of interned strings to half, if the call can pay for it: see after_lstring.h.
 */
#define luaS_resize(L, size)                                                                      \
  (nflua_afford_with(0,                                                                           \
                     (size_t)(size) * (3 * NFLUA_STEPS_PER_CHAIN + 2 * NFLUA_STEPS_PER_INTERNED)) \
       ? luaS_resize(L, size)                                                                     \
       : (void)0)
