/* SPDX-License-Identifier: GPL-2.0-or-later
 * Connections of packets that outlast their hook's call.
 *
 * A connection that is not confirmed belongs to one packet alone: conntrack changes it without a
 * lock. But a bridge floods clones of a packet, a multicast router sends them, IP loops them back,
 * and all of them have the same connection. While they pass one after the other, the first that is
 * through confirms it; one that is kept would share it with those that go on.
 *
 * Context: a state is locked, so that bottom halves are off.
 */
#ifndef NFLUA_DATAPATH_KERNEL_CONNTRACK_H
#define NFLUA_DATAPATH_KERNEL_CONNTRACK_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

/* Where a packet goes that leaves the hook's call. */
enum nflua_way {
  NFLUA_WAY_ON,   /* past all that is left of its hook */
  NFLUA_WAY_BACK, /* through rules of its hook: "repeat", "queue" */
};

/* Makes the packet fit to be kept. Errors: a static text; it can only be dropped. */
const char* nflua_connection_keep(struct sk_buff* skb, const struct nf_hook_state* hook,
                                  enum nflua_way way);
/* Gives a reply to the packet its connection. */
void nflua_connection_lend(struct sk_buff* reply, struct sk_buff* answered, bool is_held);
/* For a packet that goes on past its hook: it loses what only that hook could have used, and a new
 * connection is confirmed if the hook would have done it. False: it must be dropped. */
bool nflua_connection_go_on(struct sk_buff* skb, const struct nf_hook_state* hook);

#endif
