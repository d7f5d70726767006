/* SPDX-License-Identifier: GPL-2.0-or-later
 * The budget of one call into a state: how many steps it may still take, and how deep its C stack
 * may grow. The overlay (lua/overlay/) makes unmodified Lua draw on it; our own C functions call
 * nflua_charge(). One step is one VM instruction, one API call, or NFLUA_BYTES_PER_STEP bytes
 * allocated, copied, compared or searched. docs/decisions/0001-budget.md says why it is so.
 *
 *   nflua_set_seed → lua_newstate → (nflua_budget_enter → protected call → nflua_budget_leave)*
 *
 * Invariants: once the steps are gone they stay gone, so every further instruction in any coroutine
 * fails too, until nflua_budget_leave(). Outside enter and leave nothing is bounded.
 * Context: one budget is current per thread (per CPU in a kernel); calls do not nest, but a pause
 * may enter and leave another one, and end on another CPU.
 */
#ifndef NFLUA_BUDGET_H
#define NFLUA_BUDGET_H

#include <stddef.h>

#define NFLUA_BYTES_PER_STEP 64
/* Bytes of one Lua string: what one instruction may have to copy, compare or hash. */
#define NFLUA_MAX_STRING_BYTES ((size_t)1 << 20)

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* Steps between two calls of nflua_budget::pause. */
#define NFLUA_STEPS_PER_PAUSE 10000

/* Bytes of "SOURCE:LINE" and its final zero; Lua's own bound of the source is 60. */
#define NFLUA_WHERE_BYTES 72

struct nflua_budget {
  /* Steps that the last call left over; below 0: it was blown. Set by nflua_budget_leave. */
  long long steps;
  /* Called now and then between two instructions, for who runs long and must let others run. It
   * leaves the VM alone. Returns 0 to end the call, as if its budget were blown. NULL: nobody is.
   */
  int (*pause)(void* argument);
  void* pause_argument;
  /* Where the script was when it was blown: "SOURCE:LINE"; empty if no function of it ran. Set by
   * whatever raises; the first time counts. */
  char where[NFLUA_WHERE_BYTES];
};

/* Makes `budget` the current one, with that many steps, and bounds the C stack from here on.
 * Borrows: budget, until nflua_budget_leave. */
void nflua_budget_enter(struct nflua_budget* budget, long long steps);
void nflua_budget_leave(void);
/* Whether the current (or, after leave, that) budget is blown. */
int nflua_budget_is_blown(const struct nflua_budget* budget);

/* Takes steps from the current budget.
 * Errors: raises in `L` when it is blown; where nothing protects `L`, the next checkpoint does. */
void nflua_charge(struct lua_State* L, size_t steps);
/* The same for work over that many bytes. */
void nflua_charge_bytes(struct lua_State* L, size_t bytes);

/* The same for work that looks at bytes one by one, as a search does. */
void nflua_charge_search(struct lua_State* L, size_t bytes);

/* Whether the C stack is used up, for what calls itself without Lua in between: it must raise. */
int nflua_stack_is_low(void);

/* For the allocator (lua_Alloc), which may not raise: takes the price of a block of `new_bytes`.
 * `tag`: what Lua passed as old size when the block is new, else 0.
 * Returns whether the block may be had; not when it is a string over its bound, or the budget is
 * blown: then no code that could need it will run. */
int nflua_charge_allocation(size_t tag, size_t new_bytes);

/* Spends a bounded time on collecting garbage. A state that is nearly full does so after each call:
 * within one, a full collection may be dearer than what is left of the budget. */
void nflua_collect_some(struct lua_State* L);

/* Seed of the string hashes of the states that this thread makes next. */
void nflua_set_seed(unsigned seed);

#ifdef __cplusplus
}
#endif

#endif
