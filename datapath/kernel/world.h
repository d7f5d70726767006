/* SPDX-License-Identifier: GPL-2.0-or-later
 * What every C file of the module begins with.
 */
#ifndef NFLUA_DATAPATH_KERNEL_WORLD_H
#define NFLUA_DATAPATH_KERNEL_WORLD_H

#ifndef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#endif

#include <linux/module.h>

/* A module parameter: lines that a new state may log in a second, 0: no bound. */
extern unsigned int log_per_second;

/* Of the module. */
void world_open(void);

#endif
