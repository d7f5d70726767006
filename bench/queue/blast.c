// SPDX-License-Identifier: GPL-2.0-or-later
// Sends UDP packets of 64 bytes of payload, as fast as it can or at a fixed rate, and prints
// "sent N seconds S".
//   blast [-s] [-r PACKETS_PER_SECOND] HOST PORT MILLISECONDS
//   -s: the kernel cuts the packets from one large one (UDP_SEGMENT), which costs a sender least
#define _GNU_SOURCE  // sendmmsg
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/queue/common.h"

enum {
  kPayloadBytes = 64,
  kBurst = 16,  // packets a call; small enough not to overrun a queue at a fixed rate
  kMaxRate = 100000000,
  kMaxMilliseconds = 3600000,
  kNsPerMillisecond = 1000000,
};
static const double kNsPerSecond = 1e9;

struct Options {
  bool lets_kernel_cut;
  long rate;  // packets/s; 0: no limit
  int64_t duration_ns;
  struct sockaddr_in to;
};

static struct Options parse(int argc, char** argv) {
  struct Options options = {.to.sin_family = AF_INET};
  for (int option; (option = getopt(argc, argv, "sr:")) != -1;) {
    if (option == 's')
      options.lets_kernel_cut = true;
    else if (option == 'r')
      options.rate = number(optarg, kMaxRate);
    else
      exit(kUsage);
  }
  if (argc - optind != 3 || inet_pton(AF_INET, argv[optind], &options.to.sin_addr) != 1)
    exit(kUsage);
  options.to.sin_port = htons((uint16_t)number(argv[optind + 1], UINT16_MAX));
  options.duration_ns = number(argv[optind + 2], kMaxMilliseconds) * (int64_t)kNsPerMillisecond;
  return options;
}

static int connect_sender(const struct Options* options) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int cut_at = kPayloadBytes;
  if (connect(fd, (const struct sockaddr*)&options->to, sizeof options->to) < 0) give_up("connect");
  if (options->lets_kernel_cut &&
      setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &cut_at, sizeof cut_at) < 0)
    give_up("UDP_SEGMENT");
  return fd;
}

/// Returns the packets sent: fewer than kBurst when the kernel had no room.
static unsigned send_burst(int fd, bool lets_kernel_cut) {
  static char payload[kBurst * kPayloadBytes];
  struct iovec bytes = {payload, lets_kernel_cut ? sizeof payload : kPayloadBytes};
  struct mmsghdr messages[kBurst];
  for (unsigned i = 0; i < kBurst; ++i)
    messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &bytes, .msg_iovlen = 1}};
  const int sent = sendmmsg(fd, messages, lets_kernel_cut ? 1 : kBurst, 0);
  if (sent < 0) return 0;
  return lets_kernel_cut ? kBurst : (unsigned)sent;
}

int main(int argc, char** argv) {
  const struct Options options = parse(argc, argv);
  const int fd = connect_sender(&options);
  const int64_t start_ns = now_ns();
  uint64_t sent = 0;
  int64_t passed_ns = 0;
  for (; passed_ns < options.duration_ns; passed_ns = now_ns() - start_ns) {
    const double due = (double)options.rate * (double)passed_ns / kNsPerSecond;
    if (options.rate == 0 || (double)sent <= due) sent += send_burst(fd, options.lets_kernel_cut);
  }
  printf("sent %" PRIu64 " seconds %.6f\n", sent, (double)passed_ns / kNsPerSecond);
  return 0;
}
