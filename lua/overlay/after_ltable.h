/* SPDX-License-Identifier: GPL-2.0-or-later
 * Tables: a unit for each slot looked at, a quarter of a step for each link of a chain of colliding
 * keys, a step for a float as key, bytes for long keys. So are rehashes and a `next` over empty
 * slots paid for. Nothing here may raise: callers do.
 */
#include "overlay/common.h"

#include <math.h>

#include "lua.h"

#include "lobject.h"
#include "lstring.h"
#include "ltable.h"

#undef isempty
#define isempty(v) (nflua_take(1), ttisnil(v))
#undef gnext
#define gnext(n) (*(nflua_take(NFLUA_UNITS_PER_STEP / 4), &(n)->u.next))

/* The hash of a float, which is divided, too. */
#define frexp(n, exponent) (nflua_take(NFLUA_UNITS_PER_STEP), frexp(n, exponent))

#define luaS_eqlngstr(a, b) \
  ((a)->u.lnglen == (b)->u.lnglen && (nflua_take_bytes((a)->u.lnglen), luaS_eqlngstr(a, b)))
/* The first time only. */
#define luaS_hashlongstr(s)                                                           \
  (nflua_take((s)->extra ? 0 : (long long)(s)->u.lnglen * NFLUA_UNITS_PER_SLOW_BYTE), \
   luaS_hashlongstr(s))
