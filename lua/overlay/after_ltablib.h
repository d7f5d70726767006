/* SPDX-License-Identifier: GPL-2.0-or-later
 * table.sort without clocks: runs repeat. (Bad luck with the pivot costs steps, not time.)
 */
#include "overlay/common.h"

#define l_randomizePivot() 0u
