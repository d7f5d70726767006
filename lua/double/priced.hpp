// SPDX-License-Identifier: GPL-2.0-or-later
// The software double's dearer functions, each with its price in steps; for lua/overlay/.
#pragma once

#include "lua/double/double.hpp"
#include "lua/meter.h"

/* One of the functions of math.h, sqrt to asin. */
#define NFLUA_STEPS_PER_FUNCTION 16
/* Doublings or halvings of a decimal number in the time of one step. */
#define NFLUA_DOUBLINGS_PER_STEP 4

static inline void nflua_take_function(void) { nflua_take_steps(NFLUA_STEPS_PER_FUNCTION); }

namespace nflua::soft {

/// What it takes to turn binary digits into decimal ones, or back.
static inline void take_digits(Double value) {
  int exponent = 0;
  frexp(value, &exponent);
  nflua_take_steps(size_t(exponent < 0 ? -exponent : exponent) / NFLUA_DOUBLINGS_PER_STEP);
}

static inline Double parse_priced(const char* text, char** end) {
  const Double value = parse(text, end);
  take_digits(value);
  return value;
}

/// One item of a format: a number,
static inline int print_priced(char* to, size_t size, const char* format, Double value) {
  take_digits(value);
  const int length = print(to, size, format, value);
  nflua_take_item(length);
  return length;
}

/// or anything else.
template <class T>
static inline int print_priced(char* to, size_t size, const char* format, T value) {
  return nflua_format(to, size, format, value);
}

}  // namespace nflua::soft
