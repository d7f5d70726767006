// SPDX-License-Identifier: GPL-2.0-or-later
// The simplest loop that libnetfilter_queue's documentation leads to: open, bind, copy whole
// packets, receive one message, hand it to the library, accept in the callback.
//   simple_loop [-q QUEUE] [-r COPY_RANGE] [-g]    -g: also take unsegmented packets (GSO)
#include <arpa/inet.h>
#include <errno.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/queue/common.h"

struct Options {
  uint16_t queue;
  uint32_t copy_range;
  bool takes_gso;
};

static int accept_packet(struct nfq_q_handle* queue, struct nfgenmsg* message,
                         struct nfq_data* data, void* report) {
  (void)message;
  const struct nfqnl_msg_packet_hdr* header = nfq_get_msg_packet_hdr(data);
  ++((struct Report*)report)->handled;
  return nfq_set_verdict(queue, ntohl(header->packet_id), NF_ACCEPT, 0, NULL);
}

static struct nfq_q_handle* bind_queue(struct nfq_handle* library, const struct Options* options,
                                       struct Report* report) {
  struct nfq_q_handle* queue = nfq_create_queue(library, options->queue, accept_packet, report);
  if (!queue) give_up("nfq_create_queue");
  if (nfq_set_mode(queue, NFQNL_COPY_PACKET, options->copy_range) < 0) give_up("nfq_set_mode");
  if (options->takes_gso && nfq_set_queue_flags(queue, NFQA_CFG_F_GSO, NFQA_CFG_F_GSO) < 0)
    give_up("nfq_set_queue_flags");
  return queue;
}

static void serve(struct nfq_handle* library, struct Report* report) {
  static char message[kMaxCopyRange + kMarginBytes] __attribute__((aligned(8)));
  const int fd = nfq_fd(library);
  wake_regularly(fd);
  while (!stopped) {
    const ssize_t size = recv(fd, message, sizeof message, 0);
    if (size >= 0)
      nfq_handle_packet(library, message, (int)size);
    else if (errno == ENOBUFS)
      ++report->overruns;
    else if (errno != EAGAIN && errno != EINTR)
      give_up("recv");
  }
}

static struct Options parse(int argc, char** argv) {
  struct Options options = {.copy_range = kMaxCopyRange};
  for (int option; (option = getopt(argc, argv, "q:r:g")) != -1;) {
    if (option == 'q')
      options.queue = (uint16_t)number(optarg, UINT16_MAX);
    else if (option == 'r')
      options.copy_range = (uint32_t)number(optarg, kMaxCopyRange);
    else if (option == 'g')
      options.takes_gso = true;
    else
      exit(kUsage);
  }
  return options;
}

int main(int argc, char** argv) {
  const struct Options options = parse(argc, argv);
  struct Report report = {0};
  stop_on_signals();
  struct nfq_handle* library = nfq_open();
  if (!library) give_up("nfq_open");
  struct nfq_q_handle* queue = bind_queue(library, &options, &report);
  serve(library, &report);
  nfq_destroy_queue(queue);
  nfq_close(library);
  print_report(&report);
  return 0;
}
