// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine asks of a packet. The sk_buff itself stays as it is: iptables keeps a pointer to
// the IP header while it goes through the matches, so that not even its pages may be pulled.
#include "datapath/kernel/world.h"

#include "datapath/kernel/packet.h"

#include <linux/file.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>

const u8* view_bytes(struct packet_view* view, size_t* size) {
  const struct sk_buff* skb = view->skb;

  *size = skb->len;
  if (!skb_is_nonlinear(skb)) return skb->data;
  if (view->copy) return view->copy;
  view->copy = kmalloc(skb->len, GFP_ATOMIC | __GFP_NOWARN);
  if (!view->copy) return NULL;
  if (skb_copy_bits(skb, 0, view->copy, skb->len) == 0) return view->copy;
  kfree(view->copy);
  view->copy = NULL;
  return NULL;
}

void view_free(struct packet_view* view) {
  kfree(view->copy);
  kfree(view->frame);
  view->copy = view->frame = NULL;
}

const uint8_t* offered_bytes(struct offered_packet* packet, size_t* size) {
  return view_bytes(&packet->view, size);
}

struct packet_view* offered_view(struct offered_packet* packet) {
  return &packet->view;
}

/* A packet of this host has no such header before it leaves. */
static size_t frame_size(const struct packet_view* view) {
  const struct sk_buff* skb = view->skb;

  if (view->hook->hook == NF_INET_LOCAL_OUT || !skb_mac_header_was_set(skb)) return 0;
  return skb_mac_header(skb) < skb->data ? skb->data - skb_mac_header(skb) : 0;
}

/* The script may write there, and captures or other ports of a bridge may have the same bytes. The
 * packet gets some of its own, unless iptables has a pointer to its header: then the script does.
 */
static u8* own_frame(struct packet_view* view, size_t size) {
  struct sk_buff* skb = view->skb;

  if (view->frame) return view->frame;
  if (!skb_header_cloned(skb)) return skb_mac_header(skb);
  if (!view->is_in_match) return skb_cow_head(skb, 0) == 0 ? skb_mac_header(skb) : NULL;
  return view->frame = kmemdup(skb_mac_header(skb), size, GFP_ATOMIC | __GFP_NOWARN);
}

uint8_t* packet_frame(struct packet_view* packet, size_t* size) {
  const size_t wanted = frame_size(packet);
  u8* frame = wanted ? own_frame(packet, wanted) : NULL;

  *size = frame ? wanted : 0;
  return frame;
}

/* As conntrack -L -o id prints it, which takes it for a number in network order. */
bool packet_connection_id(struct packet_view* packet, int64_t* id) {
  enum ip_conntrack_info info;
  const struct nf_conn* connection = nf_ct_get(packet->skb, &info);

  if (!connection || nf_ct_is_template(connection)) return false;
  *id = ntohl((__force __be32)nf_ct_get_id(connection));
  return true;
}

static const char* name_of(const struct net_device* device) { return device ? device->name : NULL; }

const char* packet_in_device(struct packet_view* packet) { return name_of(packet->hook->in); }
const char* packet_out_device(struct packet_view* packet) { return name_of(packet->hook->out); }

const char* packet_hook(struct packet_view* packet) {
  static const char* const names[] = {
      [NF_INET_PRE_ROUTING] = "prerouting",   [NF_INET_LOCAL_IN] = "input",
      [NF_INET_FORWARD] = "forward",          [NF_INET_LOCAL_OUT] = "output",
      [NF_INET_POST_ROUTING] = "postrouting",
  };
  return packet->hook->hook < ARRAY_SIZE(names) ? names[packet->hook->hook] : NULL;
}

/* As -m owner does: the one who opened the socket. */
bool packet_owner(struct packet_view* packet, uint32_t* uid, uint32_t* gid) {
  struct sock* sk = skb_to_full_sk(packet->skb);
  const struct file* file;

  if (!sk || !sk_fullsock(sk) || !net_eq(sock_net(sk), packet->hook->net)) return false;
  read_lock_bh(&sk->sk_callback_lock);
  file = sk->sk_socket ? sk->sk_socket->file : NULL;
  if (file) {
    *uid = from_kuid_munged(packet->hook->net->user_ns, file->f_cred->fsuid);
    *gid = from_kgid_munged(packet->hook->net->user_ns, file->f_cred->fsgid);
  }
  read_unlock_bh(&sk->sk_callback_lock);
  return file;
}

uint32_t packet_mark(struct packet_view* packet) { return packet->skb->mark; }
void packet_set_mark(struct packet_view* packet, uint32_t mark) { packet->skb->mark = mark; }

bool packet_checksum_is_pending(struct packet_view* packet) {
  return packet->skb->ip_summed == CHECKSUM_PARTIAL || skb_is_gso(packet->skb);
}

/* SCTP's segments each have a size of their own. */
size_t packet_segment_bytes(struct packet_view* packet) {
  const unsigned int bytes = skb_shinfo(packet->skb)->gso_size;

  return bytes == GSO_BY_FRAGS ? 0 : bytes;
}

const char* packet_can_reply(struct packet_view* packet) {
  return packet->hook->in ? NULL : "no input device";
}
