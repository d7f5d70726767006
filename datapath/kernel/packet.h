/* SPDX-License-Identifier: GPL-2.0-or-later
 * A packet as a hook offers it to a state. It lives on the hook's stack.
 */
#ifndef NFLUA_DATAPATH_KERNEL_PACKET_H
#define NFLUA_DATAPATH_KERNEL_PACKET_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "datapath/kernel/runtime.h"

/* What an offered and a held packet have in common. */
struct packet_view {
  struct sk_buff* skb;
  const struct nf_hook_state* hook;
  /* All of a packet that is not in one piece, copied once someone looks; else NULL. */
  u8* copy;
  /* The link-layer header of a packet whose own must not be written, once someone looks. */
  u8* frame;
  bool is_held;
  bool is_in_match; /* the sk_buff's head must stay where it is */
};

struct offered_packet {
  struct packet_view view;
  struct state* state;
  /* It can't go on, as something of it was found missing while someone wanted to hold it. */
  bool is_lost;
};

/* The packet's bytes in one piece, from the IP header on. NULL: out of memory. */
const u8* view_bytes(struct packet_view* view, size_t* size);
void view_free(struct packet_view* view);

/* Frees what view_bytes() and packet_frame() needed: mostly nothing. */
static inline void view_end(struct packet_view* view) {
  if (view->copy || view->frame) view_free(view);
}

#endif
