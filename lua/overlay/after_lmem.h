/* SPDX-License-Identifier: GPL-2.0-or-later
 * When memory is refused Lua collects everything and tries again: only if the call can pay for it.
 */
#include "overlay/common.h"

#include "lua.h"

#include "lgc.h"

#define luaC_fullgc(L, emergency) nflua_collect_if_affordable(L)
