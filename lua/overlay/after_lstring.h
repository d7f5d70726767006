/* SPDX-License-Identifier: GPL-2.0-or-later
 * The table of interned strings. A search walks a chain of equal hashes, most links being a cache
 * miss, and so does the sweep that removes the string later: three steps a link.
 */
#include "overlay/common.h"

#include <string.h>

#include "lua.h"

#include "ldebug.h"
#include "ldo.h"
#include "lmem.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"

/* The table changes its size at one go, and not if a call can't pay for all of that: the chains get
 * longer instead, until a call that can. The new chains pay for themselves when they are emptied.
 */
#undef luaM_reallocvector
#define luaM_reallocvector(L, v, old_n, n, t)                                                     \
  (nflua_afford_with((size_t)(old_n)*NFLUA_STEPS_PER_INTERNED, (size_t)(n)*NFLUA_STEPS_PER_CHAIN) \
       ? cast(t*, luaM_realloc_(L, v, (old_n) * sizeof(t), (n) * sizeof(t)))                      \
       : (t*)0)

/* The chains' end is what each turn of the walk compares with. (It also empties new chains.) */
#undef NULL
#define NULL (nflua_take(NFLUA_STEPS_PER_CHAIN * NFLUA_UNITS_PER_STEP), NFLUA_NULL)
