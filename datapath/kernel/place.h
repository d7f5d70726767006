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
  struct net_device* device;      /* the packet's own: in a tunnel neither of the hook's; or NULL */
  struct net_device* bridge_port; /* that a bridged packet leaves by; else NULL */
};

/* Makes the packet and all that its place names last. False: something of it, as its route, is
 * gone, and the packet can only be dropped. */
bool place_keep(struct place* place, const struct nf_hook_state* hook, struct sk_buff* skb);
/* Gives the references back. */
void place_release(struct place* place);
/* The packet's socket and the place's, if nobody has them open. Returns whether any is left. */
bool place_forget_closed_sockets(struct place* place, struct sk_buff* skb);
bool place_names(const struct place* place, const struct net_device* device);

/* A module's code goes; NULL: it is gone. Bridged packets go on in br_netfilter's, and nothing
 * keeps that loaded. The caller sees to it that there is one at a time. */
void place_unload(struct module* module);
/* Whether the packet goes on in that code. */
bool place_is_unloaded(const struct place* place);

#endif
