/* SPDX-License-Identifier: GPL-2.0-or-later
 * The open upvalues of a stack are a list, searched for each variable that a new closure uses. A
 * link costs a quarter of a step; the macro is used twice per link.
 */
#include "overlay/common.h"

#include "lua.h"

#include "lfunc.h"

#undef uplevel
#define uplevel(up) (nflua_take(NFLUA_UNITS_PER_STEP / 8), cast(StkId, (up)->v))
