// SPDX-License-Identifier: GPL-2.0-or-later
// Inside: the meter counts in units while a call runs; the budget is its owner's copy in steps.
#define LUA_CORE

#include "lua/budget.h"

#include <limits.h>
#include <string.h>

#include "lua.h"

#include "ldebug.h"
#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "lua/meter.h"

/* More than any number of calls can take. */
#define UNBOUNDED (LLONG_MAX / 2)
/* What LUAI_MAXCCALLS is by default. */
#define MAX_NESTED_CALLS 200
/* Short, so that it is interned: raising it allocates nothing. */
#define OVER_MESSAGE "instruction budget exceeded"
/* What nflua_collect_some takes for its goal. Units: KiB of debt, as LUA_GCSTEP wants. */
#define COLLECT_KIB 512
/* Bytes of heap that a collection marks and sweeps in the time of one step. */
#define HEAP_BYTES_PER_STEP 32

/* Before it is one for each CPU. */
#ifdef NFLUA_IN_KERNEL
#undef nflua_meter
NFLUA_PER_CONTEXT struct nflua_meter_data nflua_meter = {.units = UNBOUNDED};
#define nflua_meter (*nflua_this_meter())
#else
NFLUA_PER_CONTEXT struct nflua_meter_data nflua_meter = {.units = UNBOUNDED};
#endif

/* Puts into `units` what may be used until the next pause. */
static void part_units(const struct nflua_budget* budget, long long units) {
  const long long part = (long long)NFLUA_STEPS_PER_PAUSE * NFLUA_UNITS_PER_STEP;
  nflua_meter.units = budget->pause && units > part ? part : units;
  nflua_meter.reserve = units - nflua_meter.units;
}

void nflua_budget_enter(struct nflua_budget* budget, long long steps) {
  const long long most = UNBOUNDED / NFLUA_UNITS_PER_STEP;
  budget->steps = 0;
  budget->where[0] = '\0';
  nflua_meter.budget = budget;
  part_units(budget, (steps < most ? steps : most) * NFLUA_UNITS_PER_STEP);
  nflua_meter.stack_low =
      (const char*)__builtin_frame_address(0) - NFLUA_STACK_BYTES(budget->pause != NULL);
}

static long long steps_left(void) {
  const long long units = nflua_meter.units + nflua_meter.reserve;
  return units < 0 ? -1 : units / NFLUA_UNITS_PER_STEP;
}

/* As it is outside calls: nothing is bounded. */
static void idle_meter(void) {
  nflua_meter.budget = NULL;
  nflua_meter.units = UNBOUNDED;
  nflua_meter.reserve = 0;
  nflua_meter.stack_low = NULL;
}

void nflua_budget_leave(void) {
  nflua_meter.budget->steps = steps_left();
  idle_meter();
}

int nflua_budget_is_blown(const struct nflua_budget* budget) {
  return budget == nflua_meter.budget ? nflua_is_over() : budget->steps < 0;
}

void nflua_prepare_message(lua_State* L) {
  // A fixed object must be the newest one: nobody made this string before.
  luaC_fix(L, obj2gco(luaS_newliteral(L, OVER_MESSAGE)));
}

/* Whether there was a reserve to go on with, and nobody ended it. Others may have used the meter
 * meanwhile, and we may be on another CPU. */
static int go_on_after_pause(void) {
  struct nflua_budget* budget = nflua_meter.budget;
  const long long units = nflua_meter.units + nflua_meter.reserve;
  if (nflua_meter.reserve == 0 || units < 0) return 0;
  part_units(budget, units);
  const struct nflua_meter_data saved = nflua_meter;
  idle_meter();
  const int goes_on = budget->pause(budget->pause_argument);
  nflua_meter = saved;
  if (goes_on) return 1;
  nflua_meter.units = -1;
  nflua_meter.reserve = 0;
  return 0;
}

/* Appends ":LINE" to what is there. */
static void add_line(char* where, int line) {
  char digits[12];
  size_t first = sizeof(digits);
  size_t end = strlen(where);
  do {
    digits[--first] = (char)('0' + line % 10);
    line /= 10;
  } while (line > 0);
  where[end++] = ':';
  memcpy(where + end, digits + first, sizeof(digits) - first);
  where[end + sizeof(digits) - first] = '\0';
}

/* Notes where the innermost Lua function of L is. */
static void note_where(lua_State* L) {
  struct nflua_budget* budget = nflua_meter.budget;
  const CallInfo* ci = L->ci;
  if (!budget || budget->where[0] != '\0') return;
  while (ci != &L->base_ci && !isLua(ci)) ci = ci->previous;
  if (!isLua(ci)) return;
  const Proto* p = ci_func(ci)->p;
  const int line = luaG_getfuncline(p, pcRel(ci->u.l.savedpc, p));
  if (!p->source || line < 0) return;
  luaO_chunkid(budget->where, getstr(p->source), tsslen(p->source));
  add_line(budget->where, line);
}

void nflua_run_low(lua_State* L) {
  if (go_on_after_pause()) return;
  note_where(L);
  // A coroutine that does not run (its stack is being filled or closed) has no handler; raising
  // there would unwind the main thread past the one that runs.
  if (L->errorJmp == NULL) return;
  // In Lua code the top may be anywhere below the registers in use.
  if (isLua(L->ci) && L->top < L->ci->top) L->top = L->ci->top;
  // The stack always has EXTRA_STACK slots more.
  setsvalue2s(L, L->top, luaS_newliteral(L, OVER_MESSAGE));
  L->top++;
  // Not luaG_errormsg: a message handler is the script's code.
  luaD_throw(L, LUA_ERRRUN);
}

void nflua_charge(lua_State* L, size_t steps) {
  nflua_take_steps(steps);
  nflua_check(L);
}

void nflua_charge_bytes(lua_State* L, size_t bytes) {
  nflua_charge(L, bytes / NFLUA_BYTES_PER_STEP);
}

void nflua_charge_search(lua_State* L, size_t bytes) {
  nflua_charge(L, bytes * NFLUA_UNITS_PER_SLOW_BYTE / NFLUA_UNITS_PER_STEP);
}

int nflua_charge_allocation(size_t tag, size_t new_bytes) {
  if (tag == LUA_TSTRING && new_bytes > sizelstring(NFLUA_MAX_STRING_BYTES)) return 0;
  nflua_take_steps(NFLUA_STEPS_PER_BLOCK + new_bytes / NFLUA_BYTES_PER_STEP);
  return !nflua_is_over();
}

int nflua_stack_is_low(void) {
  return (const char*)__builtin_frame_address(0) <= nflua_meter.stack_low;
}

/* Lua raises "C stack overflow" at the limit exactly, takes what is deeper for the handling of that
 * error, and gives up at 1.1 times of it. So only the shallowest call in the reserve is at its
 * limit: if each were, each handler's call would raise again, and pile up messages until Lua's own
 * stack, which an error does not grow, is full. */
unsigned nflua_call_limit(unsigned depth) {
  const char* here = (const char*)__builtin_frame_address(0);
  if (__builtin_expect(here > nflua_meter.stack_low, 1)) {
    nflua_meter.overflow_depth = UINT_MAX;
    return MAX_NESTED_CALLS;
  }
  if (here <= nflua_meter.stack_low - NFLUA_STACK_RESERVE_BYTES) return 0;
  if (depth > nflua_meter.overflow_depth) return MAX_NESTED_CALLS;
  nflua_meter.overflow_depth = depth;
  return depth;
}

int nflua_afford(size_t steps) { return nflua_afford_with(steps, 0); }

int nflua_afford_with(size_t steps, size_t later) {
  if (steps_left() < (long long)(steps + later)) return 0;
  nflua_take_steps(steps);
  return 1;
}

void nflua_collect_if_affordable(lua_State* L) {
  if (nflua_afford(gettotalbytes(G(L)) / HEAP_BYTES_PER_STEP)) luaC_fullgc(L, 1);
}

void nflua_collect_some(lua_State* L) { lua_gc(L, LUA_GCSTEP, COLLECT_KIB); }

/* What lies on top of the stack is a C function and its argument. The call's frame is made here, so
 * that nothing has to be allocated, and no depth of calls or stack is in the way.
 * Requires: the function reads its argument and neither pushes nor calls. */
int nflua_run_finalizer(lua_State* L) {
  CallInfo* caller = L->ci;
  const StkId function = L->top - 2;
  const struct nflua_meter_data saved = nflua_meter;
  const lua_CFunction finalizer = ttislcf(s2v(function)) ? fvalue(s2v(function)) : NULL;
  CallInfo frame = {.func = function, .top = L->top, .previous = caller, .callstatus = CIST_C};
  if (finalizer) {
    nflua_meter.units = UNBOUNDED;
    nflua_meter.reserve = 0;
    L->ci = &frame;
    finalizer(L);
    L->ci = caller;
    nflua_meter = saved;
  }
  L->top = function;
  return LUA_OK;
}

void nflua_set_seed(unsigned seed) { nflua_meter.seed = seed; }
