/* SPDX-License-Identifier: GPL-2.0-or-later
 * What every C file of the module begins with.
 */
#ifndef NFLUA_DATAPATH_KERNEL_WORLD_H
#define NFLUA_DATAPATH_KERNEL_WORLD_H

#ifndef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#endif

#include <linux/module.h>

/* A budget and an outbox are one for each CPU, and bottom halves that are off keep others from
 * them. On such a kernel they may not (since 6.18). */
#ifdef CONFIG_PREEMPT_RT
#error "xt_lua is not for kernels with PREEMPT_RT"
#endif

/* Of the module. */
void world_open(void);

#endif
