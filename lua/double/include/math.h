/* SPDX-License-Identifier: GPL-2.0-or-later
 * What <math.h> is to Lua's files where lua_Number is the software double. There is no function of
 * a machine's double beside these, so that a literal as argument becomes one of ours. */
#ifndef NFLUA_DOUBLE_MATH_H
#define NFLUA_DOUBLE_MATH_H

#include "lua/double/double.hpp"

#define HUGE_VAL nflua::soft::kHuge

using nflua::soft::acos;
using nflua::soft::asin;
using nflua::soft::atan2;
using nflua::soft::ceil;
using nflua::soft::cos;
using nflua::soft::exp;
using nflua::soft::fabs;
using nflua::soft::floor;
using nflua::soft::fmod;
using nflua::soft::frexp;
using nflua::soft::ldexp;
using nflua::soft::log;
using nflua::soft::log10;
using nflua::soft::log2;
using nflua::soft::pow;
using nflua::soft::sin;
using nflua::soft::sqrt;
using nflua::soft::tan;

#endif
