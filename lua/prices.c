// SPDX-License-Identifier: GPL-2.0-or-later
// Library functions whose time depends on their arguments, each with its price in steps.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lua/meter.h"

/* Bits of a quotient that fmod works out in the time of one step. */
#define QUOTIENT_BITS_PER_STEP 16

int nflua_format(char* to, size_t size, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(to, size, format, arguments);
  va_end(arguments);
  nflua_take_item(length);
  return length;
}

/* As in the C locale. `left` and `right` end with a zero; so what differs lies within the left one
 * and its zero. */
int nflua_compare_text(const char* left, const char* right) {
  nflua_take(NFLUA_UNITS_PER_STEP);
  nflua_take_bytes(strlen(left));
  // The result of a call that is over does not matter.
  return nflua_is_over() ? -1 : strcmp(left, right);
}

lua_Number nflua_fmod(lua_Number dividend, lua_Number divisor) {
  int dividend_bits, divisor_bits;
  frexp(dividend, &dividend_bits);
  frexp(divisor, &divisor_bits);
  if (dividend_bits > divisor_bits)
    nflua_take_steps((size_t)(dividend_bits - divisor_bits) / QUOTIENT_BITS_PER_STEP);
  return nflua_is_over() ? 0 : fmod(dividend, divisor);
}
