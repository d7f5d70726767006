/* SPDX-License-Identifier: GPL-2.0-or-later
 * What scripts write to the kernel's log, and how much of it.
 */
#ifndef NFLUA_DATAPATH_KERNEL_LOG_H
#define NFLUA_DATAPATH_KERNEL_LOG_H

#include <linux/spinlock.h>

/* So many lines a second, those of a few messages at once. */
struct log_share {
  spinlock_t lock;         /* of all of it */
  unsigned int per_second; /* 0: no bound */
  unsigned int lines;      /* that may be written now */
  unsigned int suppressed; /* messages since the last that was written */
  unsigned long filled;    /* in jiffies: when `lines` was right */
};

/* With the module parameter's rate. */
void log_begin(struct log_share* share);

#endif
