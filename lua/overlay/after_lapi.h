/* SPDX-License-Identifier: GPL-2.0-or-later
 * Conversions between strings and numbers through the API.
 */
#include "overlay/common.h"

#include <string.h>

#include "lua.h"

#include "lobject.h"

#define luaO_str2num(s, o) \
  (nflua_take_steps(4 + strlen(s) / 4), nflua_is_over() ? 0 : luaO_str2num(s, o))
