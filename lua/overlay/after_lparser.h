/* SPDX-License-Identifier: GPL-2.0-or-later
 * The parser searches its lists of variables, labels and gotos without calling anything, so each
 * token pays for their length, and for deep nesting of functions.
 */
#include "overlay/common.h"

#include "lua.h"

#include "llex.h"
#include "lobject.h"
#include "lparser.h"
#include "lstate.h"

/* Entries of a list searched in the time of one step. */
#define NFLUA_ENTRIES_PER_STEP 16

static inline void nflua_charge_token(LexState* lex) {
  const Dyndata* lists = lex->dyd;
  nflua_take_steps((size_t)(lists->label.n + lists->gt.n + lists->actvar.n) /
                       NFLUA_ENTRIES_PER_STEP +
                   getCcalls(lex->L) / NFLUA_VALUES_PER_STEP);
  nflua_tick(lex->L);
}

#define luaX_next(lex) (nflua_charge_token(lex), luaX_next(lex))
