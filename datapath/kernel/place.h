/* SPDX-License-Identifier: GPL-2.0-or-later
 * Where in Netfilter a packet is, kept for longer than its hook's call: with references to all that
 * it names.
 */
#ifndef NFLUA_DATAPATH_KERNEL_PLACE_H
#define NFLUA_DATAPATH_KERNEL_PLACE_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

struct place {
  struct nf_hook_state hook;
  struct net_device* bridge_port; /* that a bridged packet leaves by; else NULL */
};

/* Makes the packet and all that its place names last. False: its route is gone, and the packet can
 * only be dropped. */
bool place_keep(struct place* place, const struct nf_hook_state* hook, struct sk_buff* skb);
/* Gives the references back. */
void place_release(struct place* place);
bool place_names(const struct place* place, const struct net_device* device);

#endif
