/* SPDX-License-Identifier: GPL-2.0-or-later
 * The timers of scripts, beside what runtime.h says of them.
 */
#ifndef NFLUA_DATAPATH_KERNEL_TIMERS_H
#define NFLUA_DATAPATH_KERNEL_TIMERS_H

struct state;

/* Of a new state. */
void timers_begin(struct state* state);

/* Of the module. timers_close(): no state is left. Errors: -errno. */
int timers_open(void);
void timers_close(void);

#endif
