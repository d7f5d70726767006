/* SPDX-License-Identifier: GPL-2.0-or-later
 * Several values pushed by one call: lua_pushinteger() costs 2 ns, and tuple() returns six.
 */
#ifndef NFLUA_PUSH_H
#define NFLUA_PUSH_H

struct lua_State;

/* Requires: room for `count` values on the stack, as every C function has for 20. */
void nflua_push_integers(struct lua_State* L, const long long* values, int count);

#endif
