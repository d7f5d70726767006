// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/reply.h"

#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "datapath/kernel/conntrack.h"
#include "datapath/kernel/outbox.h"
#include "datapath/kernel/packet.h"
#include "datapath/kernel/runtime.h"

struct reply {
  struct sk_buff skb;
};

static struct sk_buff* skb_of(struct reply* reply) { return &reply->skb; }

struct reply* reply_start(size_t size, uint8_t** bytes) {
  struct sk_buff* skb = alloc_skb(LL_MAX_HEADER + size, GFP_ATOMIC | __GFP_NOWARN);

  if (!skb) return NULL;
  skb_reserve(skb, LL_MAX_HEADER);
  skb_reset_network_header(skb);
  *bytes = skb_put(skb, size);
  return (struct reply*)skb;
}

static bool is_ipv6(const struct sk_buff* skb) { return skb->protocol == htons(ETH_P_IPV6); }

/* Where a bridge has switched the packet, no route leads back: the way is that of its frame. */
static bool is_bridged(const struct sk_buff* skb) {
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
  return nf_bridge_info_exists(skb) && skb_mac_header_was_set(skb);
#else
  return false;
#endif
}

/* Puts the frame's header before it, so that it goes to where the answered packet came from. */
static bool address_frame(struct sk_buff* skb, const struct sk_buff* answered, struct net* net) {
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
  const struct ethhdr* frame = eth_hdr(answered);

  skb->dev = nf_bridge_get_physindev(answered, net);
  return skb->dev && dev_hard_header(skb, skb->dev, ntohs(skb->protocol), frame->h_source,
                                     frame->h_dest, skb->len) >= 0;
#else
  return false;
#endif
}

/* Of the packet that is answered, a reply has the protocol, the connection and, where sysctl wants
 * it so (fwmark_reflect), the mark. A frame meets no conntrack, and a bridge wants a new connection
 * to be the packet's alone. */
static void inherit(struct sk_buff* skb, struct packet_view* packet) {
  skb->protocol = packet->hook->pf == NFPROTO_IPV6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
  skb_set_transport_header(skb, is_ipv6(skb) ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
  skb->ip_summed = CHECKSUM_NONE;
  skb->mark = is_ipv6(skb) ? IP6_REPLY_MARK(packet->hook->net, packet->skb->mark)
                           : IP4_REPLY_MARK(packet->hook->net, packet->skb->mark);
  if (!is_bridged(packet->skb)) nflua_connection_lend(skb, packet->skb, packet->is_held);
}

/* What waits in the outbox keeps the device that its frame is for. */
static const char* post(struct packet_view* packet, struct sk_buff* skb) {
  struct place place;
  const char* error;

  if (is_bridged(packet->skb) && !address_frame(skb, packet->skb, packet->hook->net))
    return "its bridge port no longer exists";
  if (!place_keep(&place, packet->hook, skb)) return "its input device no longer exists";
  error = outbox_reply(skb, &place);
  if (error) place_release(&place);
  return error;
}

const char* reply_send(struct packet_view* packet, struct reply* reply) {
  struct sk_buff* skb = skb_of(reply);
  const char* error;

  inherit(skb, packet);
  error = post(packet, skb);
  if (error) kfree_skb(skb);
  return error;
}

/* The source is often another host's: routing must not mind. */
static struct dst_entry* route_ipv4(const struct sk_buff* skb, struct net* net) {
  struct flowi4 flow = {
      .daddr = ip_hdr(skb)->daddr,
      .saddr = ip_hdr(skb)->saddr,
      .flowi4_mark = skb->mark,
      .flowi4_flags = FLOWI_FLAG_ANYSRC,
  };
  struct dst_entry* route = NULL;

  return nf_ip_route(net, &route, flowi4_to_flowi(&flow), false) ? NULL : route;
}

static struct dst_entry* route_ipv6(const struct sk_buff* skb,
                                    const struct nf_hook_state* answered) {
  const struct ipv6hdr* header = ipv6_hdr(skb);
  struct flowi6 flow = {
      .daddr = header->daddr,
      .saddr = header->saddr,
      .flowi6_mark = skb->mark,
  };
  struct dst_entry* route = NULL;

  if (ipv6_addr_type(&header->daddr) & IPV6_ADDR_LINKLOCAL) flow.flowi6_oif = answered->in->ifindex;
  return nf_ip6_route(answered->net, &route, flowi6_to_flowi(&flow), false) ? NULL : route;
}

static void send_by_route(struct sk_buff* skb, const struct nf_hook_state* answered) {
  struct net* net = answered->net;
  struct dst_entry* route = is_ipv6(skb) ? route_ipv6(skb, answered) : route_ipv4(skb, net);

  if (!route) {
    kfree_skb(skb);
    return;
  }
  skb_dst_set(skb, route);
  if (is_ipv6(skb)) {
    ip6_local_out(net, NULL, skb);
  } else {
    ip_local_out(net, NULL, skb);
  }
}

void reply_leave(struct sk_buff* skb, const struct nf_hook_state* answered) {
  if (skb->dev)
    dev_queue_xmit(skb);
  else
    send_by_route(skb, answered);
}
