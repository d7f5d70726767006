/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the kernels that we are built for do not have in common, and the only place that asks for a
 * version. The code is written for the newest; what an older one lacks is defined here.
 */
#ifndef NFLUA_DATAPATH_KERNEL_COMPAT_H
#define NFLUA_DATAPATH_KERNEL_COMPAT_H

#include <linux/timer.h>
#include <linux/version.h>

/* Its name since 6.2; 6.15 dropped the old one. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete(timer) del_timer(timer)
#endif

#endif
