/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reading source text: each byte costs, comments too, and numerals once more to convert.
 */
#include "overlay/common.h"

#include <string.h>

#include "lua.h"

#include "lobject.h"
#include "lzio.h"

#undef zgetc
#define zgetc(z) \
  (nflua_take(NFLUA_UNITS_PER_SLOW_BYTE), ((z)->n--) > 0 ? cast_uchar(*(z)->p++) : luaZ_fill(z))

#define luaO_str2num(s, o) (nflua_take_steps(strlen(s) / 4), luaO_str2num(s, o))
