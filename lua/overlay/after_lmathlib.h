/* SPDX-License-Identifier: GPL-2.0-or-later
 * math.fmod, whose time grows with the quotient; and no seed from clock or addresses.
 */
#include "overlay/common.h"

#include <math.h>
#include <time.h>

#define fmod nflua_fmod
/* open_base seeds the generator again. */
#define time(t) ((void)(t), 0)
