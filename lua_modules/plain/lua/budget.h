/* SPDX-License-Identifier: GPL-2.0-or-later
 * The budget (lua/budget.h) of an interpreter that has none: all is free of charge.
 */
#ifndef NFLUA_BUDGET_H
#define NFLUA_BUDGET_H

#include <stddef.h>

struct lua_State;

struct nflua_budget {
  long long steps;
};

static inline void nflua_charge(struct lua_State* L, size_t steps) {
  (void)L;
  (void)steps;
}

static inline void nflua_charge_bytes(struct lua_State* L, size_t bytes) {
  (void)L;
  (void)bytes;
}

static inline void nflua_charge_search(struct lua_State* L, size_t bytes) {
  (void)L;
  (void)bytes;
}

static inline int nflua_stack_is_low(void) { return 0; }

#endif
