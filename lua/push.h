/* SPDX-License-Identifier: GPL-2.0-or-later
 * Several values pushed by one call: lua_pushinteger() costs 2 ns, and tuple() returns six.
 */
#ifndef NFLUA_PUSH_H
#define NFLUA_PUSH_H

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* Requires: room for `count` values on the stack, as every C function has for 20. */
void nflua_push_integers(struct lua_State* L, const long long* values, int count);

#ifdef __cplusplus
}
#endif

#endif
