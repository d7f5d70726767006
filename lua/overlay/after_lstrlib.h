/* SPDX-License-Identifier: GPL-2.0-or-later
 * Loops over single bytes, and searches for the zero that ends a string.
 */
#include "overlay/common.h"

#include <ctype.h>
#include <string.h>

#ifdef NFLUA_SOFT_DOUBLE
/* string.pack's f and d are C's types. (Whatever else names them has to come first.) */
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#define float nflua::soft::Float
#define double nflua::soft::Double
#endif

static inline size_t nflua_length(const char* text) {
  const size_t length = strlen(text);
  nflua_take_bytes(length);
  return length;
}

#define strlen(text) nflua_length(text)

#undef tolower
#undef toupper
#define tolower(c) (nflua_take(NFLUA_UNITS_PER_SLOW_BYTE), (tolower)(c))
#define toupper(c) (nflua_take(NFLUA_UNITS_PER_SLOW_BYTE), (toupper)(c))
