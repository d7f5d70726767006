/* SPDX-License-Identifier: GPL-2.0-or-later
 * Arithmetic outside the interpreter: on constants in source text, and on numbers in strings.
 */
#include "overlay/common.h"

#include <math.h>
#include <string.h>

#ifdef NFLUA_SOFT_DOUBLE
#define pow(x, y) (nflua_take_function(), pow(x, y))
#else
#define pow(x, y) (nflua_take_steps(4), pow(x, y))
#endif
