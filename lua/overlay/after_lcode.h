/* SPDX-License-Identifier: GPL-2.0-or-later
 * Code generation walks lists of jumps: quadratic in the branches of an `if`. A link costs a
 * quarter of a step; each instruction that is added is a checkpoint.
 */
#include "overlay/common.h"

#include "lua.h"

#include "lmem.h"
#include "lopcodes.h"

#undef GETARG_sJ
#define GETARG_sJ(i) \
  (nflua_take(NFLUA_UNITS_PER_STEP / 4), (int)getarg(i, POS_sJ, SIZE_sJ) - OFFSET_sJ)

#define luaM_growaux_(L, ...) (nflua_check(L), luaM_growaux_(L, __VA_ARGS__))
