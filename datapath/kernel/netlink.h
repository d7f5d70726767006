/* SPDX-License-Identifier: GPL-2.0-or-later
 * NETLINK_NFLUA: the module's side of docs/protocol.md, one socket in each network namespace.
 */
#ifndef NFLUA_DATAPATH_KERNEL_NETLINK_H
#define NFLUA_DATAPATH_KERNEL_NETLINK_H

#include <linux/types.h>

struct net;

/* Process context. Errors: -errno. */
int netlink_open_net(struct net* net);
/* No command of that namespace runs afterwards. */
void netlink_close_net(struct net* net);
/* Of the module: learns of sockets that are closed. Errors: -errno. */
int netlink_open(void);
void netlink_close(void);

/* A DATA message with that number from the state `name` to a port (0: none) and to each group whose
 * bit is set. Any context; does not sleep. Returns bytes of payload sent, or -errno. */
long netlink_send_data(struct net* net, const char* name, u32 number, u32 port, u32 groups,
                       const void* payload, size_t size);

#endif
