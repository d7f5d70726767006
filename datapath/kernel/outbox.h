/* SPDX-License-Identifier: GPL-2.0-or-later
 * Packets on their way back into the network. Whatever a callback lets go is put here, and leaves
 * from a tasklet of this CPU, in order: with no state locked and a fresh stack, so that a packet
 * that meets the same state again neither deadlocks nor recurses.
 *
 * Context: a state is locked, so that bottom halves are off.
 */
#ifndef NFLUA_DATAPATH_KERNEL_OUTBOX_H
#define NFLUA_DATAPATH_KERNEL_OUTBOX_H

#include "datapath/kernel/place.h"

/* Takes the packet, and the references of its place, which is copied. Errors: a static text, no
 * memory or no room; both stay the caller's. */
const char* outbox_go_on(struct sk_buff* skb, const struct place* place);
/* The same, but it enters its hook again, from the beginning. `times`: how often it now did. */
const char* outbox_go_again(struct sk_buff* skb, const struct place* place, unsigned int times);
/* A new packet of this host, from its IP header on. `hook`: where the packet is that it answers. */
const char* outbox_reply(struct sk_buff* skb, const struct place* place);

/* Takes that connection away from replies of this CPU that have it: they leave untracked. */
void nflua_outbox_untrack(const struct nf_conntrack* connection);

/* How often this packet, which is in its hook just now, has been there before. */
unsigned int outbox_times(const struct sk_buff* skb);

/* Drops what is there of a namespace (or NULL), and what goes on in code that is being unloaded. */
void outbox_forget(struct net* net);
/* Waits for what just leaves. Process context. */
void outbox_wait(void);

/* Of the module. outbox_close(): nothing is there any more. */
void outbox_open(void);
void outbox_close(void);

#endif
