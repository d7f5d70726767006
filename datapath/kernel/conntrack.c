// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/conntrack.h"

#include <linux/netfilter_bridge.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "datapath/kernel/outbox.h"
#include "datapath/kernel/packet.h"
#include "datapath/kernel/runtime.h"
#include "datapath/kernel/states.h"

/* That the packet itself begins. What REJECT answers has one as well, but goes no further. */
static const struct nf_conn* unconfirmed_connection_of(const struct sk_buff* skb) {
  enum ip_conntrack_info info;
  const struct nf_conn* connection = nf_ct_get(skb, &info);

  if (!connection || CTINFO2DIR(info) != IP_CT_DIR_ORIGINAL) return NULL;
  if (nf_ct_is_template(connection) || nf_ct_is_confirmed(connection)) return NULL;
  return connection;
}

static bool is_shared_too_early(const struct sk_buff* skb) {
  const struct nf_conn* connection = unconfirmed_connection_of(skb);

  return connection && refcount_read(&connection->ct_general.use) > 1;
}

/* Of the two hooks that confirm connections. */
static bool is_last_hook(const struct nf_hook_state* hook) {
  return hook->hook == NF_INET_LOCAL_IN || hook->hook == NF_INET_POST_ROUTING;
}

/* NAT is in use, and has so far seen to the destination only. Once a connection is confirmed, it is
 * too late for its source. */
static bool awaits_source_nat(const struct nf_conn* connection) {
  const unsigned long done = READ_ONCE(connection->status) & IPS_NAT_DONE_MASK;

  return done == IPS_DST_NAT_DONE;
}

static bool is_bridged_packet(const struct sk_buff* skb) {
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
  return nf_bridge_info_exists(skb);
#else
  return false;
#endif
}

/* A bridge's packet stays within its network, where its own address is right. */
static bool needs_source_nat(const struct sk_buff* skb, const struct nf_hook_state* hook,
                             enum nflua_way way) {
  const bool is_past_it = way == NFLUA_WAY_ON && is_last_hook(hook);

  return !is_past_it && !is_bridged_packet(skb) &&
         awaits_source_nat(unconfirmed_connection_of(skb));
}

/* What is confirmed may be shared. NFQUEUE drops such packets instead: broadcasts and multicasts
 * are lost then. */
const char* nflua_connection_keep(struct sk_buff* skb, const struct nf_hook_state* hook,
                                  enum nflua_way way) {
  if (!is_shared_too_early(skb)) return NULL;
  if (needs_source_nat(skb, hook, way)) {
    nflua_outbox_untrack(skb_nfct(skb));
    if (!is_shared_too_early(skb)) return NULL;
    return "one of several copies that begin a connection, which NAT is not done with: dropped";
  }
  if (nf_conntrack_confirm(skb) == NF_ACCEPT) return NULL;
  return "conntrack refuses its connection: dropped";
}

/* A reply to a held packet may be on its way before it, and NAT would take the reply's source for
 * the connection's. */
void nflua_connection_lend(struct sk_buff* reply, struct sk_buff* answered, bool is_held) {
  const struct nf_conn* unconfirmed = unconfirmed_connection_of(answered);

  if (is_held && unconfirmed && awaits_source_nat(unconfirmed))
    nf_ct_set(reply, NULL, IP_CT_UNTRACKED);
  else
    nf_ct_attach(reply, answered);
}

/* A template tells conntrack what to do with a packet. Where that is skipped, it would be taken for
 * a connection. */
static void forget_template(struct sk_buff* skb) {
  enum ip_conntrack_info info;
  const struct nf_conn* connection = nf_ct_get(skb, &info);

  if (connection && nf_ct_is_template(connection)) nf_reset_ct(skb);
}

bool nflua_connection_go_on(struct sk_buff* skb, const struct nf_hook_state* hook) {
  forget_template(skb);
  return !is_last_hook(hook) || nf_conntrack_confirm(skb) == NF_ACCEPT;
}

/* Of both directions, which may have different ones. What no packet causes means the default. */
static const struct nf_conntrack_zone* zone_of_judged(const struct state* state,
                                                      struct nf_conntrack_zone* room) {
  const struct sk_buff* skb = state->judged ? state->judged->skb : NULL;
  enum ip_conntrack_info info;

  return skb ? nf_ct_zone_tmpl(nf_ct_get(skb, &info), skb, room) : &nf_ct_zone_dflt;
}

static void fill_tuple(struct nf_conntrack_tuple* to, const struct host_tuple* from) {
  memset(to, 0, sizeof(*to));
  to->src.l3num = from->family == 6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
  to->dst.protonum = from->protocol;
  to->dst.dir = IP_CT_DIR_ORIGINAL;
  memcpy(&to->src.u3, from->source, sizeof(from->source));
  memcpy(&to->dst.u3, from->destination, sizeof(from->destination));
  to->src.u.all = htons(from->source_port);
  to->dst.u.all = htons(from->destination_port);
}

static void read_counters(struct host_connection* connection, const struct nf_conn* found) {
  const struct nf_conn_acct* accounting = nf_conn_acct_find(found);
  int way;

  connection->has_traffic = accounting;
  for (way = 0; accounting && way < IP_CT_DIR_MAX; ++way) {
    connection->packets[way] = atomic64_read(&accounting->counter[way].packets);
    connection->bytes[way] = atomic64_read(&accounting->counter[way].bytes);
  }
}

bool host_find_connection(struct state* state, const struct host_tuple* tuple,
                          struct host_connection* connection) {
  struct nf_conntrack_zone room;
  struct nf_conntrack_tuple wanted;
  struct nf_conntrack_tuple_hash* hash;
  struct nf_conn* found;

  fill_tuple(&wanted, tuple);
  hash = nf_conntrack_find_get(state->net, zone_of_judged(state, &room), &wanted);
  if (!hash) return false;
  found = nf_ct_tuplehash_to_ctrack(hash);
  connection->id = ntohl((__force __be32)nf_ct_get_id(found));
  read_counters(connection, found);
  nf_ct_put(found);
  return true;
}
