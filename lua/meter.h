/* SPDX-License-Identifier: GPL-2.0-or-later
 * The current budget as the overlay sees it: one counter that a checkpoint decrements and tests.
 *
 * Units: fractions of a step, so that what costs a nanosecond can be counted too.
 * A "take" only counts and is safe anywhere; a "check" or "tick" raises once the budget is blown
 * and belongs where Lua may raise.
 */
#ifndef NFLUA_METER_H
#define NFLUA_METER_H

#include <stddef.h>

#include "lua.h"

#define NFLUA_UNITS_PER_STEP 16
/* Price of looking at one byte in a loop that handles them one by one. */
#define NFLUA_UNITS_PER_SLOW_BYTE 1
/* Price of a block, besides its bytes: to get, mark, sweep and free it. */
#define NFLUA_STEPS_PER_BLOCK 4
/* Price of moving one interned string to another chain of their table: a cache miss or two. */
#define NFLUA_STEPS_PER_INTERNED 4
/* Price of formatting one item, besides a step for each character. */
#define NFLUA_STEPS_PER_ITEM 16
/* Values moved, or instructions of a called function, per step. */
#define NFLUA_VALUES_PER_STEP 8
/* Bytes of C stack that a call may use; an instrumented build has larger frames. */
#if defined(__SANITIZE_ADDRESS__)
#define NFLUA_STACK_BYTES (1 << 20)
#else
#define NFLUA_STACK_BYTES (192 << 10)
#endif
/* Bytes below that, for making the error that says so. */
#define NFLUA_STACK_RESERVE_BYTES (NFLUA_STACK_BYTES / 8)

#ifndef NFLUA_PER_CONTEXT
#define NFLUA_PER_CONTEXT __thread __attribute__((tls_model("initial-exec")))
#endif

/* What NULL is, for macros that count before they are it. */
#ifdef __cplusplus
#define NFLUA_NULL nullptr
#else
#define NFLUA_NULL ((void*)0)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct nflua_budget;

struct nflua_meter {
  long long units; /* left; below 0: blown */
  /* C-stack address below which calls fail; null: no bound. */
  const char* stack_low;
  /* Depth of the calls at which the stack was found to end; UINT_MAX: there is more. */
  unsigned overflow_depth;
  struct nflua_budget* budget; /* null outside calls */
  unsigned seed;
};

extern NFLUA_PER_CONTEXT struct nflua_meter nflua_meter;

/* Raises "instruction budget exceeded", without any message handler. Returns only if nothing
 * protects L. */
void nflua_over(struct lua_State* L) __attribute__((cold));
/* For LUAI_MAXCCALLS: the bound that `depth` nested calls of C must stay below. */
unsigned nflua_call_limit(unsigned depth);
/* strcoll, memcmp, fmod, luaC_fullgc, luaO_str2num and luaD_pcall for a __gc method, at a price. */
int nflua_compare_text(const char* left, const char* right);
lua_Number nflua_fmod(lua_Number dividend, lua_Number divisor);
/* Takes steps if there are so many. Returns whether. */
int nflua_afford(size_t steps);
void nflua_collect_if_affordable(struct lua_State* L);
int nflua_run_finalizer(struct lua_State* L);
void nflua_prepare_message(struct lua_State* L);
/* As snprintf; prices the digits. */
int nflua_format(char* to, size_t size, const char* format, ...);

static inline void nflua_take(long long units) { nflua_meter.units -= units; }

static inline void nflua_take_steps(size_t steps) {
  nflua_take((long long)steps * NFLUA_UNITS_PER_STEP);
}

static inline void nflua_take_bytes(size_t bytes) { nflua_take((long long)(bytes / 4)); }

/* For what snprintf returned. */
static inline void nflua_take_item(int length) {
  nflua_take_steps(NFLUA_STEPS_PER_ITEM + (size_t)(length > 0 ? length : 0));
}

static inline int nflua_is_over(void) { return (int)__builtin_expect(nflua_meter.units < 0, 0); }

static inline void nflua_check(struct lua_State* L) {
  if (nflua_is_over()) nflua_over(L);
}

static inline void nflua_tick(struct lua_State* L) {
  nflua_take(NFLUA_UNITS_PER_STEP);
  nflua_check(L);
}

#ifdef __cplusplus
}
#endif

#endif
