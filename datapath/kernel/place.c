// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/place.h"

#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <net/dst.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

/* The code of it ends, and with it what comes after its hooks. */
static struct module* unloaded;

/* The kernel finds the port that a bridged packet leaves by anew each time, by its number. */
static struct net_device* bridge_port_of(const struct sk_buff* skb) {
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
  return nf_bridge_get_physoutdev(skb);
#else
  return NULL;
#endif
}

/* A socket that only its packets refer to has no reference to give. */
static bool keep_socket(struct sock* sk) { return !sk || refcount_inc_not_zero(&sk->sk_refcnt); }

static void release_socket(struct place* place) {
  if (place->hook.sk) sock_gen_put(place->hook.sk); /* it may be half a socket, as of a SYN-ACK */
  place->hook.sk = NULL;
}

/* Early demultiplexing lends a socket without a reference. */
static void let_go_of_lent_socket(struct sk_buff* skb) {
  if (skb_sk_is_prefetched(skb)) skb_orphan(skb);
}

bool place_keep(struct place* place, const struct nf_hook_state* hook, struct sk_buff* skb) {
  if (skb_dst(skb) && !skb_dst_force(skb)) return false;
  if (!keep_socket(hook->sk)) return false;
  let_go_of_lent_socket(skb);
  place->hook = *hook;
  place->device = skb->dev;
  place->bridge_port = bridge_port_of(skb);
  dev_hold(place->hook.in);
  dev_hold(place->hook.out);
  dev_hold(place->device);
  dev_hold(place->bridge_port);
  return true;
}

void place_release(struct place* place) {
  dev_put(place->hook.in);
  dev_put(place->hook.out);
  dev_put(place->device);
  dev_put(place->bridge_port);
  place->hook.in = place->hook.out = place->device = place->bridge_port = NULL;
  release_socket(place);
}

/* Half a socket is nobody's. */
static bool is_closed(const struct sock* sk) {
  return !sk_fullsock(sk) || sock_flag(sk, SOCK_DEAD);
}

bool place_forget_closed_sockets(struct place* place, struct sk_buff* skb) {
  if (skb->sk && is_closed(skb->sk)) skb_orphan(skb);
  if (place->hook.sk && is_closed(place->hook.sk)) release_socket(place);
  return skb->sk || place->hook.sk;
}

bool place_names(const struct place* place, const struct net_device* device) {
  return place->hook.in == device || place->hook.out == device || place->device == device ||
         place->bridge_port == device;
}

void place_unload(struct module* module) { WRITE_ONCE(unloaded, module); }

bool place_is_unloaded(const struct place* place) {
  const struct module* module = READ_ONCE(unloaded);

  return module && within_module((unsigned long)place->hook.okfn, module);
}
