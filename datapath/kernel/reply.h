/* SPDX-License-Identifier: GPL-2.0-or-later
 * Packets that answer others: made in a callback (runtime.h), sent from the outbox.
 */
#ifndef NFLUA_DATAPATH_KERNEL_REPLY_H
#define NFLUA_DATAPATH_KERNEL_REPLY_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

/* Sends a reply, whose place is that of the packet it answers. Context: a tasklet, under RCU. */
void reply_leave(struct sk_buff* skb, const struct nf_hook_state* answered);

#endif
