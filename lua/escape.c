// SPDX-License-Identifier: GPL-2.0-or-later
// Inside: while a function runs, register 0 holds its first argument unless an instruction writes
// to it. Lua's compiler gives that register to the parameter for the whole of the function, and
// never reads a register that it has not written before. So the argument is kept only by an
// instruction that names register 0; where several are named, by the first of them.
#define LUA_CORE

#include "lua/escape.h"

#include "lua.h"

#include "lgc.h"
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"
#include "lua/meter.h"

/* Bits of a function's `marked` that the collector leaves alone: one is for objects with a
 * finalizer, which functions have not, the other for Lua's own tests. Both are 0 in a new one. */
#define HARMLESS_BIT FINALIZEDBIT
#define KEEPS_BIT TESTBIT
/* Price of looking at one instruction, or at one variable that a closure captures. */
#define UNITS_PER_LOOK 1

#if LUA_VERSION_NUM != 504
#error "what an opcode means, and how many there are, was looked up for Lua 5.4"
#endif

/* Operands that are registers, read or written. */
enum { REGISTER_A = 1, REGISTER_B = 2, REGISTER_C = 4, ALL_REGISTERS = 7 };

/* The rest, such as R[A] := R[B] + R[C], and what another Lua may add, counts as having all. */
static int registers_of(Instruction instruction) {
  const int c_unless_constant = GETARG_k(instruction) ? 0 : REGISTER_C;
  switch (GET_OPCODE(instruction)) {
    case OP_JMP:
    case OP_EXTRAARG:
      return 0;
    case OP_LOADI ... OP_GETTABUP:
    case OP_NEWTABLE:
    case OP_MMBINI:
    case OP_MMBINK:
    case OP_CONCAT ... OP_TBC:
    case OP_EQK ... OP_TEST:
    case OP_CALL ... OP_CLOSURE:
      return REGISTER_A;
    case OP_MOVE:
    case OP_GETI:
    case OP_GETFIELD:
    case OP_ADDI ... OP_SHLI:
    case OP_MMBIN:
    case OP_UNM ... OP_LEN:
    case OP_EQ ... OP_LE:
    case OP_TESTSET:
      return REGISTER_A | REGISTER_B;
    case OP_SETTABUP:
      return c_unless_constant;
    case OP_SETI:
    case OP_SETFIELD:
      return REGISTER_A | c_unless_constant;
    case OP_SETTABLE:
    case OP_SELF:
      return REGISTER_A | REGISTER_B | c_unless_constant;
    default:
      return ALL_REGISTERS;
  }
}

/* The copy that `:` makes is an argument of the call that follows, and of nothing else. */
static int is_method_or_length(Instruction instruction) {
  const OpCode code = GET_OPCODE(instruction);
  return code == OP_SELF || code == OP_LEN;
}

static int names_argument(Instruction instruction) {
  const int registers = registers_of(instruction);
  if (registers & REGISTER_A && GETARG_A(instruction) == 0) return 1;
  if (registers & REGISTER_C && GETARG_C(instruction) == 0) return 1;
  if (is_method_or_length(instruction)) return 0;
  return registers & REGISTER_B && GETARG_B(instruction) == 0;
}

/* Functions within that one capture the argument from it, not from the one around. */
static int captures_argument(const Proto* function) {
  nflua_take(function->sizeupvalues * UNITS_PER_LOOK);
  for (int i = 0; i < function->sizeupvalues; ++i)
    if (function->upvalues[i].instack && function->upvalues[i].idx == 0) return 1;
  return 0;
}

static int may_keep_argument(const Proto* function) {
  // Lua 5.4.4 may mix up registers and constants where there are many.
  if (function->is_vararg || function->sizek > MAXINDEXRK) return 1;
  if (function->numparams == 0) return 0;
  nflua_take((long long)function->sizecode * UNITS_PER_LOOK);
  for (int i = 0; i < function->sizecode; ++i)
    if (names_argument(function->code[i])) return 1;
  for (int i = 0; i < function->sizep; ++i)
    if (captures_argument(function->p[i])) return 1;
  return 0;
}

int nflua_may_keep_argument(lua_State* L, int index) {
  const TValue* value = s2v(index > 0 ? L->ci->func + index : L->top + index);
  if (!ttisLclosure(value)) return 1;
  Proto* function = clLvalue(value)->p;
  if (testbit(function->marked, HARMLESS_BIT)) return 0;
  if (testbit(function->marked, KEEPS_BIT)) return 1;
  const int keeps = may_keep_argument(function);
  l_setbit(function->marked, keeps ? KEEPS_BIT : HARMLESS_BIT);
  return keeps;
}
