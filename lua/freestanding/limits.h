/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the compiler's own limits.h leaves to the system's. In C++, gcc's gives no bounds of long
 * long, and Lua's headers insist on them. */
#ifndef NFLUA_FREESTANDING_LIMITS_H
#define NFLUA_FREESTANDING_LIMITS_H

#define LLONG_MAX __LONG_LONG_MAX__
#define LLONG_MIN (-LLONG_MAX - 1LL)
#define ULLONG_MAX (LLONG_MAX * 2ULL + 1ULL)

#endif
