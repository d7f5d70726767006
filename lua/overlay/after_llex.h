/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reading source text: each byte costs, comments too.
 */
#include "overlay/common.h"

#include "lua.h"

#include "lzio.h"

#undef zgetc
#define zgetc(z) \
  (nflua_take(NFLUA_UNITS_PER_SLOW_BYTE), ((z)->n--) > 0 ? cast_uchar(*(z)->p++) : luaZ_fill(z))
