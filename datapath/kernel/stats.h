/* SPDX-License-Identifier: GPL-2.0-or-later
 * Counters as JSON, as clients of STATS get them: one object, its keys those of
 * cli/daemon/stats_json.cpp where a kernel has the same.
 */
#ifndef NFLUA_DATAPATH_KERNEL_STATS_H
#define NFLUA_DATAPATH_KERNEL_STATS_H

#include "datapath/kernel/control.h"

/* Errors: -ENOENT, the state is dead. */
int stats_write_state(struct state* state, struct state_text* text);
/* Requires: the server is locked. */
void stats_write_server(const struct server* server, unsigned int states, struct state_text* text);

#endif
