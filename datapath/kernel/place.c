// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/place.h"

#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <net/dst.h>
#include <net/sock.h>

/* The kernel finds the port that a bridged packet came by anew each time, by its number. */
static struct net_device* bridge_port_of(const struct sk_buff* skb) {
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
  return nf_bridge_get_physoutdev(skb);
#else
  return NULL;
#endif
}

/* Early demultiplexing lends a socket without a reference. */
static void let_go_of_lent_socket(struct sk_buff* skb) {
  if (skb_sk_is_prefetched(skb)) skb_orphan(skb);
}

bool place_keep(struct place* place, const struct nf_hook_state* hook, struct sk_buff* skb) {
  if (skb_dst(skb) && !skb_dst_force(skb)) return false;
  let_go_of_lent_socket(skb);
  place->hook = *hook;
  place->bridge_port = bridge_port_of(skb);
  dev_hold(place->hook.in);
  dev_hold(place->hook.out);
  dev_hold(place->bridge_port);
  if (place->hook.sk) sock_hold(place->hook.sk);
  return true;
}

void place_release(struct place* place) {
  dev_put(place->hook.in);
  dev_put(place->hook.out);
  dev_put(place->bridge_port);
  if (place->hook.sk) sock_put(place->hook.sk);
  place->hook.in = place->hook.out = place->bridge_port = NULL;
  place->hook.sk = NULL;
}

bool place_names(const struct place* place, const struct net_device* device) {
  return place->hook.in == device || place->hook.out == device || place->bridge_port == device;
}
