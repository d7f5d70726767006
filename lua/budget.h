/* SPDX-License-Identifier: GPL-2.0-or-later
 * The budget of one call into a state: how many steps it may still take, and how deep its C stack
 * may grow. The overlay (overlay.h) makes unmodified Lua draw on it; our own C functions call
 * nflua_charge(). One step is one VM instruction, one API call, or NFLUA_BYTES_PER_STEP bytes
 * allocated, copied, compared or searched.
 *
 * Invariants: once the steps are gone they stay gone, so every further instruction in any coroutine
 * fails too, until nflua_budget_leave(). Outside enter and leave nothing is charged.
 * Context: one budget is current per thread (per CPU in a kernel); calls do not nest.
 */
#ifndef NFLUA_BUDGET_H
#define NFLUA_BUDGET_H

#include <stddef.h>

#define NFLUA_BYTES_PER_STEP 64

struct lua_State;

struct nflua_budget {
  long long steps; /* left; below 0: blown */
  /* Bytes of C stack below which calls fail. */
  const char* stack_low;
};

/* Makes `budget` the current one, with that many steps. */
void nflua_budget_enter(struct nflua_budget* budget, long long steps);
void nflua_budget_leave(void);
/* Whether the current (or, after leave, that) budget is blown. */
int nflua_budget_is_blown(const struct nflua_budget* budget);

/* Takes steps from the current budget. Errors: raises in `L` when it is blown. */
void nflua_charge(struct lua_State* L, size_t steps);
/* The same for work over that many bytes. */
void nflua_charge_bytes(struct lua_State* L, size_t bytes);

#endif
