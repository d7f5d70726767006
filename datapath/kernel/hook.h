/* SPDX-License-Identifier: GPL-2.0-or-later
 * The match `lua` and the target `LUA` of iptables.
 */
#ifndef NFLUA_DATAPATH_KERNEL_HOOK_H
#define NFLUA_DATAPATH_KERNEL_HOOK_H

/* Of the module. Errors: -errno. */
int hook_open(void);
void hook_close(void);

#endif
