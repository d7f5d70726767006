/* SPDX-License-Identifier: GPL-2.0-or-later
 * Loops over single bytes.
 */
#include "overlay/common.h"

#include <ctype.h>

#undef tolower
#undef toupper
#define tolower(c) (nflua_take(NFLUA_UNITS_PER_SLOW_BYTE), (tolower)(c))
#define toupper(c) (nflua_take(NFLUA_UNITS_PER_SLOW_BYTE), (toupper)(c))
