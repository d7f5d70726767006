// SPDX-License-Identifier: GPL-2.0-or-later
// What scripts ask of connection tracking about connections that they name.
#include "datapath/kernel/world.h"

#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "datapath/kernel/runtime.h"
#include "datapath/kernel/states.h"

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
  struct nf_conntrack_tuple wanted;
  struct nf_conntrack_tuple_hash* hash;
  struct nf_conn* found;

  fill_tuple(&wanted, tuple);
  hash = nf_conntrack_find_get(state->net, &nf_ct_zone_dflt, &wanted);
  if (!hash) return false;
  found = nf_ct_tuplehash_to_ctrack(hash);
  connection->id = ntohl((__force __be32)nf_ct_get_id(found));
  read_counters(connection, found);
  nf_ct_put(found);
  return true;
}
