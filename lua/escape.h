/* SPDX-License-Identifier: GPL-2.0-or-later
 * Whether a Lua function can keep its first argument beyond the call, told from its bytecode: one
 * that can't may be given the same object again and again (docs/decisions/0007-packet-reuse.md).
 */
#ifndef NFLUA_ESCAPE_H
#define NFLUA_ESCAPE_H

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* 0: all that the function at stack index `index` does with its first argument is to call methods
 * of it with `:` and to take its length. Whoever wrote these methods knows whether they keep it.
 * Else, and for whatever is no function written in Lua: 1, though it may be harmless.
 * The code is read once, at a price; the function remembers the answer. */
int nflua_may_keep_argument(struct lua_State* L, int index);

#ifdef __cplusplus
}
#endif

#endif
