/* SPDX-License-Identifier: GPL-2.0-or-later
 * Interned strings: each comparison within a chain of equal hashes costs half a step.
 */
#include "overlay/common.h"

#include <string.h>

#define memcmp(a, b, n) (nflua_take(NFLUA_UNITS_PER_STEP / 2), memcmp(a, b, n))
