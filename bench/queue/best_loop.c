// SPDX-License-Identifier: GPL-2.0-or-later
// The fastest loop that accepts every packet, as far as we know how: README.md says what was tried.
// Messages come many to a call, and one verdict answers all of them: in a batch verdict the kernel
// accepts every packet up to an id, which works because all share the verdict. The queue keeps its
// default length: a longer one only lets packets wait until they have left the caches. The header
// fields that bench/filters/tuple.lua reads are read here, too.
//   best_loop [-q QUEUE] [-r COPY_RANGE]
#define _GNU_SOURCE  // recvmmsg
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/queue/common.h"

enum {
  kMessages = 64,  // a call
  kCacheLineBytes = 64,
  kReceiveBufferBytes = 64 << 20,
  kFieldBytes = 24,  // of an IPv4 packet without options: header and ports
};

struct Options {
  uint16_t queue;
  uint32_t copy_range;
};

struct BatchVerdict {
  struct nlmsghdr netlink;
  struct nfgenmsg netfilter;
  struct nlattr attribute;
  struct nfqnl_msg_verdict_hdr verdict;
};

struct Inbox {
  struct mmsghdr headers[kMessages];
  struct iovec slots[kMessages];
};

static void put_configuration(struct nlmsghdr* message, const struct Options* options) {
  const struct nfqnl_msg_config_cmd bind = {.command = NFQNL_CFG_CMD_BIND};
  const struct nfqnl_msg_config_params copy = {htonl(options->copy_range), NFQNL_COPY_PACKET};
  struct nfgenmsg* netfilter = mnl_nlmsg_put_extra_header(message, sizeof *netfilter);
  netfilter->res_id = htons(options->queue);
  mnl_attr_put(message, NFQA_CFG_CMD, sizeof bind, &bind);
  mnl_attr_put(message, NFQA_CFG_PARAMS, sizeof copy, &copy);
  mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
  mnl_attr_put_u32(message, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
}

static void bind_queue(struct mnl_socket* socket, const struct Options* options) {
  char buffer[MNL_SOCKET_BUFFER_SIZE];
  struct nlmsghdr* message = mnl_nlmsg_put_header(buffer);
  message->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  put_configuration(message, options);
  if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0) give_up("send");
  const ssize_t size = mnl_socket_recvfrom(socket, buffer, sizeof buffer);
  if (size < 0 || mnl_cb_run(buffer, (size_t)size, 0, 0, NULL, NULL) < 0) give_up("bind the queue");
}

static void prepare(struct Inbox* inbox, uint32_t copy_range) {
  const size_t needed_bytes = copy_range + kMarginBytes;
  const size_t slot_bytes =
      (needed_bytes + kCacheLineBytes - 1) / kCacheLineBytes * kCacheLineBytes;
  char* slots = aligned_alloc(kCacheLineBytes, kMessages * slot_bytes);
  if (!slots) give_up("aligned_alloc");
  for (size_t i = 0; i < kMessages; ++i) {
    inbox->slots[i] = (struct iovec){slots + i * slot_bytes, slot_bytes};
    inbox->headers[i].msg_hdr = (struct msghdr){.msg_iov = &inbox->slots[i], .msg_iovlen = 1};
  }
}

volatile uint32_t last_fields;  // Keeps the compiler from leaving the reading out.

/// What a filter would read, so that the packet's bytes are fetched from memory as for one.
static uint32_t read_fields(const struct nlattr* payload) {
  uint32_t words[kFieldBytes / sizeof(uint32_t)];
  if (payload->nla_len < sizeof *payload + kFieldBytes) return 0;
  memcpy(words, payload + 1, sizeof words);
  return words[2] ^ words[3] ^ words[4] ^ words[5];  // protocol, addresses, ports
}

/// Returns the packet's id in network order; 0, which is none, if the message has no packet.
static uint32_t read_packet(const struct iovec* slot, size_t size) {
  const struct nlmsghdr* message = slot->iov_base;
  const char* at = (const char*)slot->iov_base + sizeof *message + sizeof(struct nfgenmsg);
  const char* const end = (const char*)slot->iov_base + size;
  uint32_t id = 0;
  if (message->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)) return 0;
  while (at + sizeof(struct nlattr) <= end) {
    const struct nlattr* attribute = (const struct nlattr*)at;
    if (attribute->nla_type == NFQA_PACKET_HDR)
      id = ((const struct nfqnl_msg_packet_hdr*)(attribute + 1))->packet_id;
    if (attribute->nla_type == NFQA_PAYLOAD) last_fields = read_fields(attribute);
    at += NLA_ALIGN(attribute->nla_len);
  }
  return id;
}

static struct BatchVerdict accept_all_up_to_none(uint16_t queue) {
  struct BatchVerdict batch = {
      .netlink = {.nlmsg_len = sizeof batch,
                  .nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT_BATCH,
                  .nlmsg_flags = NLM_F_REQUEST},
      .netfilter = {.res_id = htons(queue)},
      .attribute = {sizeof batch.attribute + sizeof batch.verdict, NFQA_VERDICT_HDR},
      .verdict = {.verdict = htonl(NF_ACCEPT)},
  };
  return batch;
}

static void serve(int fd, struct Inbox* inbox, struct BatchVerdict* batch, struct Report* report) {
  while (!stopped) {
    const int received = recvmmsg(fd, inbox->headers, kMessages, MSG_WAITFORONE, NULL);
    if (received < 0 && errno == ENOBUFS) ++report->overruns;
    if (received < 0) continue;
    const uint64_t handled_before = report->handled;
    for (int i = 0; i < received; ++i) {
      const uint32_t id = read_packet(&inbox->slots[i], inbox->headers[i].msg_len);
      if (id == 0) continue;
      batch->verdict.id = id;
      ++report->handled;
    }
    if (report->handled != handled_before && send(fd, batch, sizeof *batch, 0) < 0) give_up("send");
  }
}

static struct Options parse(int argc, char** argv) {
  struct Options options = {.copy_range = kMaxCopyRange};
  for (int option; (option = getopt(argc, argv, "q:r:")) != -1;) {
    if (option == 'q')
      options.queue = (uint16_t)number(optarg, UINT16_MAX);
    else if (option == 'r')
      options.copy_range = (uint32_t)number(optarg, kMaxCopyRange);
    else
      exit(kUsage);
  }
  return options;
}

int main(int argc, char** argv) {
  const struct Options options = parse(argc, argv);
  static struct Inbox inbox;
  struct BatchVerdict batch = accept_all_up_to_none(options.queue);
  struct Report report = {0};
  stop_on_signals();
  struct mnl_socket* socket = mnl_socket_open(NETLINK_NETFILTER);
  if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) give_up("netlink");
  bind_queue(socket, &options);
  const int fd = mnl_socket_get_fd(socket);
  enlarge_receive_buffer(fd, kReceiveBufferBytes);
  wake_regularly(fd);
  prepare(&inbox, options.copy_range);
  serve(fd, &inbox, &batch, &report);
  mnl_socket_close(socket);
  print_report(&report);
  return 0;
}
