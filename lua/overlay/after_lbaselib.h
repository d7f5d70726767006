/* SPDX-License-Identifier: GPL-2.0-or-later
 * tonumber with a base reads byte by byte.
 */
#include "overlay/common.h"

#include <ctype.h>
#include <string.h>

static inline size_t nflua_span(const char* text, const char* set) {
  const size_t length = strspn(text, set);
  nflua_take((long long)length * NFLUA_UNITS_PER_SLOW_BYTE);
  return length;
}

#undef isalnum
/* It stands for the three steps that turn a character into a digit. */
#define isalnum(c) (nflua_take(3 * NFLUA_UNITS_PER_SLOW_BYTE), (isalnum)(c))
#define strspn(text, set) nflua_span(text, set)
