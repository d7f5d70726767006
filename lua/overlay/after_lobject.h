/* SPDX-License-Identifier: GPL-2.0-or-later
 * Arithmetic outside the interpreter: on constants in source text, and on numbers in strings.
 */
#include "overlay/common.h"

#ifdef NFLUA_SOFT_DOUBLE
#include <math.h>
#include <string.h>

#define pow(x, y) (nflua_take_function(), pow(x, y))
#endif
