/* SPDX-License-Identifier: GPL-2.0-or-later
 * NETLINK_NFLUA: the module's socket in each network namespace, and what is sent from there.
 */
#ifndef NFLUA_DATAPATH_KERNEL_NETLINK_H
#define NFLUA_DATAPATH_KERNEL_NETLINK_H

#include <linux/types.h>

struct net;
struct sk_buff;

/* Of the module. Errors: -errno. No command runs after netlink_close(). */
int netlink_open(void);
void netlink_close(void);

/* A DATA message with that number from the state `name` to a port (0: none) and to each group whose
 * bit is set. Any context; does not sleep. Returns bytes of payload sent, or -errno. */
long netlink_send_data(struct net* net, const char* name, u32 number, u32 port, u32 groups,
                       const void* payload, size_t size);

/* A message of docs/protocol.md. */
struct message {
  u16 type;
  u16 flags;
  u32 number;
  const void* head; /* a structure of control/protocol.h */
  size_t head_bytes;
  const void* body; /* what follows it */
  size_t body_bytes;
};
/* NULL: memory is short. Requires: it fits into PAYLOAD_BYTES. */
struct sk_buff* netlink_write(const struct message* message, gfp_t memory);

#endif
