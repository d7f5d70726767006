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

/* A name that is not found is looked for among the upvalues of all functions around it. */
static inline size_t nflua_upvalues_around(const LexState* lex) {
  size_t upvalues = 0;
  for (const FuncState* function = lex->fs; function; function = function->prev)
    upvalues += function->nups;
  return upvalues;
}

static inline void nflua_charge_token(LexState* lex) {
  const Dyndata* lists = lex->dyd;
  nflua_take_steps((size_t)(lists->label.n + lists->gt.n + lists->actvar.n) /
                       NFLUA_ENTRIES_PER_STEP +
                   getCcalls(lex->L) / NFLUA_VALUES_PER_STEP);
  if (lex->t.token == TK_NAME)
    nflua_take_steps(nflua_upvalues_around(lex) / NFLUA_ENTRIES_PER_STEP);
  nflua_tick(lex->L);
}

#define luaX_next(lex) (nflua_charge_token(lex), luaX_next(lex))
