// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/held.h"

#include <linux/slab.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "datapath/kernel/conntrack.h"
#include "datapath/kernel/gone.h"
#include "datapath/kernel/outbox.h"
#include "datapath/kernel/states.h"

/* What it takes of the kernel's memory, with the copy that a script may ask for. */
static unsigned long bytes_of(const struct sk_buff* skb) {
  return sizeof(struct held_packet) + skb->truesize + (skb_is_nonlinear(skb) ? skb->len : 0);
}

static void unmake(struct held_packet* held) { account_free(held->account, held, held->bytes); }

/* Errors: a static text. */
static const char* keep(struct held_packet* held, const struct packet_view* view) {
  const char* error = nflua_connection_keep(view->skb, view->hook, NFLUA_WAY_ON);

  if (error) return error;
  return place_keep(&held->place, view->hook, view->skb) ? NULL
                                                         : "its route no longer exists: dropped";
}

/* The bytes that the script has seen stay where they are. */
struct held_packet* packet_hold(struct offered_packet* packet, const char** why) {
  struct account* account = packet->state->account;
  const unsigned long bytes = bytes_of(packet->view.skb);
  struct held_packet* held = account_allocate(account, sizeof(*held), bytes);

  *why = "not enough memory";
  if (!held) return NULL;
  held->account = account;
  held->bytes = bytes;
  held->is_cut_off = false;
  *why = keep(held, &packet->view);
  if (*why) {
    packet->is_lost = true;
    unmake(held);
    return NULL;
  }
  held->view = packet->view;
  held->view.hook = &held->place.hook;
  held->view.is_held = true;
  packet->view.copy = packet->view.frame = NULL;
  packet->state->judged = NULL; /* the collector may end it within the call */
  list_add_tail(&held->link, &packet->state->held);
  gone_watch_sockets_of(held);
  return held;
}

const uint8_t* held_bytes(struct held_packet* packet, size_t* size) {
  return view_bytes(&packet->view, size);
}

struct packet_view* held_view(struct held_packet* packet) {
  return &packet->view;
}

/* All but the sk_buff. */
static void end_holding(struct held_packet* held) {
  list_del(&held->link);
  view_end(&held->view);
  unmake(held);
}

void held_drop(struct held_packet* held) {
  kfree_skb(held->view.skb);
  place_release(&held->place);
  end_holding(held);
}

/* Makes room for a packet of another size. */
static bool resize(struct sk_buff* skb, size_t size) {
  if (skb_linearize(skb) || skb_ensure_writable(skb, skb->len)) return false;
  if (size <= skb->len) {
    skb_trim(skb, size);
    return true;
  }
  if (skb_tailroom(skb) < size - skb->len &&
      pskb_expand_head(skb, 0, size - skb->len - skb_tailroom(skb), GFP_ATOMIC))
    return false;
  skb_put(skb, size - skb->len);
  return true;
}

/* The sum over the addresses, which is all that the segments' own sums have in common. */
static __sum16 pseudo_sum(const struct sk_buff* skb, unsigned int tcp_bytes) {
  if (skb->protocol == htons(ETH_P_IPV6))
    return ~csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, tcp_bytes, IPPROTO_TCP,
                            0);
  return ~csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, tcp_bytes, IPPROTO_TCP, 0);
}

/* The bytes bear whole sums. A packet that is still to be cut must not: who cuts it adds them up.
 * `tcp`: offset of the TCP header. */
static void set_sums(struct sk_buff* skb, unsigned int tcp) {
  struct tcphdr* header = (struct tcphdr*)(skb->data + tcp);

  skb->ip_summed = CHECKSUM_NONE;
  if (!skb_is_gso(skb)) return;
  if (skb->len - tcp - header->doff * 4 <= skb_shinfo(skb)->gso_size) {
    skb_gso_reset(skb);
    return;
  }
  skb_shinfo(skb)->gso_segs = 0;
  skb->ip_summed = CHECKSUM_PARTIAL;
  skb->csum_start = skb_headroom(skb) + tcp;
  skb->csum_offset = offsetof(struct tcphdr, check);
  header->check = pseudo_sum(skb, skb->len - tcp);
}

static bool replace_bytes(struct sk_buff* skb, const u8* bytes, size_t size, size_t tcp) {
  if (!resize(skb, size)) return false;
  memcpy(skb->data, bytes, size);
  set_sums(skb, tcp);
  return true;
}

const char* held_send(struct held_packet* held, const uint8_t* bytes, size_t size, size_t tcp) {
  const char* error = NULL;

  if (held->is_cut_off)
    error = "its output device or route no longer exists";
  else if (bytes && !replace_bytes(held->view.skb, bytes, size, tcp))
    error = "not enough memory";
  else
    error = outbox_go_on(held->view.skb, &held->place);
  if (error)
    held_drop(held);
  else
    end_holding(held);
  return error;
}

void held_cut_off(struct held_packet* held) {
  struct sk_buff* skb = held->view.skb;

  held->is_cut_off = true;
  place_release(&held->place);
  skb->dev = NULL;
  skb_dst_drop(skb);
  skb_orphan(skb);
  nf_reset_ct(skb);
  skb_ext_reset(skb);
}
