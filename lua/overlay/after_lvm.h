/* SPDX-License-Identifier: GPL-2.0-or-later
 * The interpreter's checkpoints. An instruction costs a step when a loop repeats it; code that is
 * run once is paid for with the call (overlay/after_ldo.h). So nothing is counted per instruction.
 */
#include "overlay/common.h"

#include <math.h>
#include <string.h>

#include "lua.h"

#include "lapi.h"
#include "ldebug.h"
#include "ldo.h"
#include "lopcodes.h"
#include "lstring.h"
#include "ltable.h"
#include "ltm.h"
#include "lvm.h"

/* Within luaV_execute: the slow path sets what an error message's line number is taken from. */
#define nflua_jump(instructions)                                \
  {                                                             \
    nflua_take((long long)(instructions)*NFLUA_UNITS_PER_STEP); \
    if (nflua_is_low()) ci->u.l.savedpc = pc, nflua_run_low(L); \
  }

/* Jumps: backward, the instructions of the loop; forward, one. */
#undef GETARG_sJ
#define GETARG_sJ(i)                                        \
  __extension__({                                           \
    int distance_ = getarg(i, POS_sJ, SIZE_sJ) - OFFSET_sJ; \
    nflua_jump(distance_ < 0 ? 1 - distance_ : 1);          \
    distance_;                                              \
  })

/* The loops' own jumps are in Bx; constants are too, and cost nothing. (A closure's number, 0, 1,
 * 2 …, is charged along: not worth a test.) */
#undef GETARG_Bx
#define GETARG_Bx(i)                                            \
  __extension__({                                               \
    int distance_ = getarg(i, POS_Bx, SIZE_Bx);                 \
    if (GET_OPCODE(i) >= OP_FORLOOP) nflua_jump(distance_ + 1); \
    distance_;                                                  \
  })

/* Chains of __index: each link costs. */
#undef fasttm
#define fasttm(l, et, e) \
  ((et) == NULL ? NULL : (nflua_take(NFLUA_UNITS_PER_STEP), gfasttm(G(l), et, e)))

/* Long strings as keys are compared byte by byte: not for nothing after the budget is blown. */
#define luaH_get(t, k) (nflua_check(L), luaH_get(t, k))
#define luaH_getstr(t, k) (nflua_check(L), luaH_getstr(t, k))

/* The result does not matter once the budget is blown. L is null in raw comparisons. */
#define luaS_eqlngstr(a, b)                         \
  ((a) == (b) || ((a)->u.lnglen == (b)->u.lnglen && \
                  (nflua_take_bytes((a)->u.lnglen), !nflua_is_over()) && luaS_eqlngstr(a, b)))

#undef strcoll
#define strcoll(l, r) nflua_compare_text(l, r)

#define luaO_tostring(L, o) (nflua_check(L), luaO_tostring(L, o))
#define luaO_str2num(s, o) \
  (nflua_take_steps(4 + strlen(s) / 4), nflua_is_over() ? 0 : luaO_str2num(s, o))

#define fmod nflua_fmod
#ifdef NFLUA_SOFT_DOUBLE
#define pow(x, y) (nflua_take_function(), pow(x, y))
#endif

#define luaD_poscall(L, ci, n)                                                  \
  (nflua_take((long long)(n) * (NFLUA_UNITS_PER_STEP / NFLUA_VALUES_PER_STEP)), \
   luaD_poscall(L, ci, n))
