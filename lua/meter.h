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
/* Price of a chain of that table, to begin it or to look at one more link of it. */
#define NFLUA_STEPS_PER_CHAIN 3
/* Price of formatting one item, besides a step for each character. */
#define NFLUA_STEPS_PER_ITEM 16
/* Values moved per step. */
#define NFLUA_VALUES_PER_STEP 8
/* Bytes of C stack that a call may use; an instrumented build has larger frames. And bytes below
 * that, for making the error that says so. Where stacks are small, whoever runs the call knows. */
#if defined(__SANITIZE_ADDRESS__) && !defined(NFLUA_IN_KERNEL)
#define NFLUA_STACK_BYTES(is_loading) (1 << 20)
#define NFLUA_STACK_RESERVE_BYTES (128 << 10)
#elif defined(NFLUA_SMALL_STACKS)
#define NFLUA_STACK_BYTES(is_loading) host_stack_bytes(is_loading)
#define NFLUA_STACK_RESERVE_BYTES 1024
#else
#define NFLUA_STACK_BYTES(is_loading) (192 << 10)
#define NFLUA_STACK_RESERVE_BYTES (24 << 10)
#endif

/* A kernel keeps one for each CPU, as its own linker script and %gs have it. */
#if defined(NFLUA_IN_KERNEL)
#define NFLUA_PER_CONTEXT __attribute__((section(".data..percpu")))
#else
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

struct nflua_meter_data {
  long long units;   /* left until the next pause, or for good */
  long long reserve; /* more of them; with these, below 0: blown */
  /* C-stack address below which calls fail; null: no bound. */
  const char* stack_low;
  /* Depth of the calls at which the stack was found to end; UINT_MAX: there is more. */
  unsigned overflow_depth;
  struct nflua_budget* budget; /* null outside calls */
  unsigned seed;
};

extern NFLUA_PER_CONTEXT struct nflua_meter_data nflua_meter;

#ifdef NFLUA_SMALL_STACKS
/* As datapath/kernel/runtime.h says. */
size_t host_stack_bytes(bool is_loading);
#endif

#ifdef NFLUA_IN_KERNEL
/* Of the kernel, itself one for each CPU. Not const, though nobody writes it: it is another one on
 * another CPU. */
extern unsigned long this_cpu_off;

/* Said to read memory, so that it is asked again after a call, which may end on another CPU. */
static inline struct nflua_meter_data* nflua_this_meter(void) {
  unsigned long offset;
  __asm__("movq %%gs:%1, %0" : "=r"(offset) : "m"(this_cpu_off));
  return (struct nflua_meter_data*)((unsigned long)&nflua_meter + offset);
}
#define nflua_meter (*nflua_this_meter())
#endif

/* No units are left: pauses, and takes more from the reserve; or raises "instruction budget
 * exceeded", without any message handler, where something protects L. */
void nflua_run_low(struct lua_State* L) __attribute__((cold));
/* For LUAI_MAXCCALLS: the bound that `depth` nested calls of C must stay below. */
unsigned nflua_call_limit(unsigned depth);
/* strcoll, memcmp, fmod, luaC_fullgc, luaO_str2num and luaD_pcall for a __gc method, at a price. */
int nflua_compare_text(const char* left, const char* right);
lua_Number nflua_fmod(lua_Number dividend, lua_Number divisor);
/* Takes steps if there are so many. Returns whether. */
int nflua_afford(size_t steps);
/* The same if there are `later` steps beside them, which what follows takes by itself. */
int nflua_afford_with(size_t steps, size_t later);
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

static inline int nflua_is_low(void) { return (int)__builtin_expect(nflua_meter.units < 0, 0); }

static inline int nflua_is_over(void) {
  return nflua_is_low() && nflua_meter.units + nflua_meter.reserve < 0;
}

static inline void nflua_check(struct lua_State* L) {
  if (nflua_is_low()) nflua_run_low(L);
}

static inline void nflua_tick(struct lua_State* L) {
  nflua_take(NFLUA_UNITS_PER_STEP);
  nflua_check(L);
}

#ifdef __cplusplus
}
#endif

#endif
