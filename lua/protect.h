/* SPDX-License-Identifier: GPL-2.0-or-later
 * Protected calls of a C function without the Lua function object that lua_pcall wants: the path
 * of every packet.
 */
#ifndef NFLUA_PROTECT_H
#define NFLUA_PROTECT_H

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* Runs function(L, argument); the function at stack index `handler` sees errors first.
 * Returns LUA_OK, and what was pushed stays; or an error's status, and the stack is as before but
 * for the error's value on top.
 * Requires: no Lua function of L is running. */
int nflua_protect(struct lua_State* L, void (*function)(struct lua_State*, void*), void* argument,
                  int handler);

#ifdef __cplusplus
}
#endif

#endif
