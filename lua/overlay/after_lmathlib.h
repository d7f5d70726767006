/* SPDX-License-Identifier: GPL-2.0-or-later
 * math.fmod, whose time grows with the quotient; and no seed from clock or addresses.
 */
#include "overlay/common.h"

#include <math.h>
#include <time.h>

#define fmod nflua_fmod
#ifdef NFLUA_SOFT_DOUBLE
#define acos(x) (nflua_take_function(), acos(x))
#define asin(x) (nflua_take_function(), asin(x))
#define atan2(y, x) (nflua_take_function(), atan2(y, x))
#define cos(x) (nflua_take_function(), cos(x))
#define exp(x) (nflua_take_function(), exp(x))
#define log(x) (nflua_take_function(), log(x))
#define log10(x) (nflua_take_function(), log10(x))
#define log2(x) (nflua_take_function(), log2(x))
#define sin(x) (nflua_take_function(), sin(x))
#define sqrt(x) (nflua_take_function(), sqrt(x))
#define tan(x) (nflua_take_function(), tan(x))
#endif
/* open_base seeds the generator again. */
#define time(t) ((void)(t), 0)
