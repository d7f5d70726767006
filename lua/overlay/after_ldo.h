/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calls: each pays for itself, its arguments and results, and a Lua function for its code, of which
 * what is in no loop runs at most once (overlay/after_lvm.h charges loops). So do walks along the
 * list of active calls, which each error that is caught makes.
 */
#include "overlay/common.h"

/* Whatever defines NULL has to come first. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "lua.h"

#include "lapi.h"
#include "ldo.h"
#include "lobject.h"
#include "lstate.h"

/* Instructions of a called function per step. Each may be a computation with floats. */
#ifdef NFLUA_SOFT_DOUBLE
#define NFLUA_CODE_PER_STEP 2
#else
#define NFLUA_CODE_PER_STEP NFLUA_VALUES_PER_STEP
#endif

static inline void nflua_charge_call(lua_State* L, StkId function) {
  long long units = (L->top - function) * (NFLUA_UNITS_PER_STEP / NFLUA_VALUES_PER_STEP);
  if (ttypetag(s2v(function)) == LUA_VLCL)
    units += clLvalue(s2v(function))->p->sizecode * (NFLUA_UNITS_PER_STEP / NFLUA_CODE_PER_STEP);
  nflua_take(NFLUA_UNITS_PER_STEP + units);
  nflua_check(L);
}

/* Used once on each way into a function, and once per __call that is tried. */
#undef checkstackGCp
#define checkstackGCp(L, n, p)                                        \
  {                                                                   \
    nflua_charge_call(L, p);                                          \
    luaD_checkstackaux(L, n, ptrdiff_t saved_ = savestack(L, p);      \
                       luaC_checkGC(L), p = restorestack(L, saved_)); \
  }

/* Used where a C function has returned n results, which will be moved. */
#undef api_checknelems
#define api_checknelems(L, n) \
  nflua_take((long long)(n) * (NFLUA_UNITS_PER_STEP / NFLUA_VALUES_PER_STEP))

/* The walks' end is what each of their turns compares with. A link, mostly a cache miss, costs half
 * a step. */
#undef NULL
#define NULL (nflua_take(NFLUA_UNITS_PER_STEP / 2), NFLUA_NULL)
