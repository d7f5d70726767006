// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/netlink.h"

#include <linux/bitops.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "datapath/kernel/control.h"
#include "datapath/kernel/request.h"

#define NO_PORT 0
#define GROUPS 32

// Of messages that a packet may wait for.
#define AT_ONCE (GFP_ATOMIC | __GFP_NOWARN)

/* Of a namespace. */
struct endpoint {
  struct sock* socket;
  struct sock __rcu* sender; /* the same, while states may send */
  struct server server;
};

static unsigned int endpoint_id;
/* There are endpoints. States live a little longer, and may send. Read under RCU. */
static bool is_open;

static struct endpoint* endpoint_of(const struct net* net) { return net_generic(net, endpoint_id); }

// In the sender's context, in that of several senders at once. Its socket keeps the namespace and
// the module alive meanwhile.
static void receive(struct sk_buff* datagram) {
  const struct peer from = {
      .socket = datagram->sk,
      .port = NETLINK_CB(datagram).portid,
      .is_served = netlink_net_capable(datagram, CAP_NET_ADMIN),
  };

  control_take(&endpoint_of(sock_net(from.socket))->server, &from,
               (struct view){datagram->data, datagram->len});
}

struct sk_buff* netlink_write(const struct message* message, gfp_t memory) {
  const size_t size = NFLUA_HEADER_BYTES + message->head_bytes + message->body_bytes;
  struct sk_buff* written = alloc_skb(size, memory);
  struct nlmsghdr* header;

  if (!written) return NULL;
  header = skb_put(written, sizeof(*header));
  *header = (struct nlmsghdr){
      .nlmsg_len = size,
      .nlmsg_type = message->type,
      .nlmsg_flags = message->flags,
      .nlmsg_seq = message->number,
  };
  skb_put_data(written, message->head, message->head_bytes);
  skb_put_data(written, message->body, message->body_bytes);
  return written;
}

static int send_to_port(struct sock* from, const struct sk_buff* datagram, u32 port) {
  struct sk_buff* copy = skb_clone((struct sk_buff*)datagram, AT_ONCE);
  int sent;

  if (!copy) return -ENOMEM;
  sent = netlink_unicast(from, copy, port, MSG_DONTWAIT);
  return sent < 0 ? sent : 0;
}

/* A listener that had no room finds a gap in the numbers: that is no failure. */
static int send_to_groups(struct sock* from, const struct sk_buff* datagram, u32 groups) {
  for (; groups != 0; groups &= groups - 1) {
    const unsigned int group = ffs(groups);
    struct sk_buff* copy;

    if (!netlink_has_listeners(from, group)) continue;
    copy = skb_clone((struct sk_buff*)datagram, AT_ONCE);
    if (!copy) return -ENOMEM;
    nlmsg_multicast(from, copy, NO_PORT, group, AT_ONCE);
  }
  return 0;
}

static int send_data(struct sock* from, const struct message* message, u32 port, u32 groups) {
  struct sk_buff* datagram = netlink_write(message, AT_ONCE);
  int error = 0;

  if (!datagram) return -ENOMEM;
  if (port != NO_PORT) error = send_to_port(from, datagram, port);
  if (!error) error = send_to_groups(from, datagram, groups);
  consume_skb(datagram);
  return error;
}

long netlink_send_data(struct net* net, const char* name, u32 number, u32 port, u32 groups,
                       const void* payload, size_t size) {
  struct nflua_data head = {.total = size};
  const struct message message = {.type = NFLUA_DATA,
                                  .flags = NFLUA_REQUEST | NFLUA_DONE,
                                  .number = number,
                                  .head = &head,
                                  .head_bytes = sizeof(head),
                                  .body = payload,
                                  .body_bytes = size};
  struct sock* from;
  long error;

  if (size > NFLUA_MAX_DATA_BYTES(PAYLOAD_BYTES)) return -EMSGSIZE;
  strscpy(head.name, name, sizeof(head.name));
  rcu_read_lock();
  from = READ_ONCE(is_open) ? rcu_dereference(endpoint_of(net)->sender) : NULL;
  error = from ? send_data(from, &message, port, groups) : -ECONNREFUSED;
  rcu_read_unlock();
  return error ? error : size;
}

static int __net_init open_endpoint(struct net* net) {
  struct netlink_kernel_cfg configuration = {.groups = GROUPS, .input = receive};
  struct endpoint* endpoint = endpoint_of(net);

  control_open(&endpoint->server);
  endpoint->socket = netlink_kernel_create(net, NETLINK_NFLUA, &configuration);
  // Or out of memory, but as a rule another module has the family.
  if (!endpoint->socket) return -EADDRINUSE;
  rcu_assign_pointer(endpoint->sender, endpoint->socket);
  return 0;
}

// Of a namespace whose states live a little longer. An RCU grace period passes before
// close_endpoint().
static void __net_exit stop_sending(struct net* net) {
  RCU_INIT_POINTER(endpoint_of(net)->sender, NULL);
}

static void __net_exit close_endpoint(struct net* net) {
  struct endpoint* endpoint = endpoint_of(net);

  netlink_kernel_release(endpoint->socket);
  control_close(&endpoint->server);
}

static struct pernet_operations endpoints = {
    .init = open_endpoint,
    .pre_exit = stop_sending,
    .exit = close_endpoint,
    .id = &endpoint_id,
    .size = sizeof(struct endpoint),
};

static int on_socket_event(struct notifier_block* block, unsigned long event, void* data) {
  const struct netlink_notify* closed = data;

  if (event == NETLINK_URELEASE && closed->protocol == NETLINK_NFLUA)
    control_forget(&endpoint_of(closed->net)->server, closed->portid);
  return NOTIFY_DONE;
}

static struct notifier_block socket_events = {.notifier_call = on_socket_event};

static void close_endpoints(void) {
  WRITE_ONCE(is_open, false);
  synchronize_rcu();
  unregister_pernet_subsys(&endpoints);
}

int netlink_open(void) {
  int error = register_pernet_subsys(&endpoints);

  if (error) return error;
  WRITE_ONCE(is_open, true);
  error = netlink_register_notifier(&socket_events);
  if (error) close_endpoints();
  return error;
}

void netlink_close(void) {
  netlink_unregister_notifier(&socket_events);
  close_endpoints();
}
