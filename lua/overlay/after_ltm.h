/* SPDX-License-Identifier: GPL-2.0-or-later
 * Varargs: copying them costs.
 */
#include "overlay/common.h"

#include "lua.h"

#include "ldo.h"

#undef checkstackGCp
#define checkstackGCp(L, n, p)                                                   \
  {                                                                              \
    nflua_take((long long)(n) * (NFLUA_UNITS_PER_STEP / NFLUA_VALUES_PER_STEP)); \
    luaD_checkstackaux(L, n, ptrdiff_t saved_ = savestack(L, p);                 \
                       luaC_checkGC(L), p = restorestack(L, saved_));            \
  }
