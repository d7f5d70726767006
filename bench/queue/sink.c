// SPDX-License-Identifier: GPL-2.0-or-later
// Prints "ready", counts the UDP packets that arrive until a signal, then prints
// "received N dropped N seconds S": dropped by this socket; seconds from the first to the last.
//   sink PORT
#define _GNU_SOURCE  // recvmmsg
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "bench/queue/common.h"

enum {
  kMessages = 1024,
  kPayloadBytes = 64,
  kBufferBytes = 64 << 20,  // a quarter of a second of packets
  kNapNs = 1000000,
};
static const double kNsPerSecond = 1e9;

static int bind_sink(uint16_t port) {
  const struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  enlarge_receive_buffer(fd, kBufferBytes);
  if (bind(fd, (const struct sockaddr*)&here, sizeof here) < 0) give_up("bind");
  return fd;
}

/// The socket's own count: SO_RXQ_OVFL tells the same, but not of drops after the last packet.
static uint32_t drops(int fd) {
  uint32_t memory[SK_MEMINFO_VARS];
  socklen_t size = sizeof memory;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) < 0) give_up("SO_MEMINFO");
  return memory[SK_MEMINFO_DROPS];
}

static unsigned receive(int fd) {
  static char payload[kPayloadBytes];  // One for all: nobody reads it.
  struct iovec bytes = {payload, sizeof payload};
  struct mmsghdr messages[kMessages];
  for (unsigned i = 0; i < kMessages; ++i)
    messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &bytes, .msg_iovlen = 1}};
  const int received = recvmmsg(fd, messages, kMessages, MSG_DONTWAIT, NULL);
  return received < 0 ? 0 : (unsigned)received;
}

int main(int argc, char** argv) {
  if (argc != 2) exit(kUsage);
  const int fd = bind_sink((uint16_t)number(argv[1], UINT16_MAX));
  // A nap instead of a blocking read: no wake-up per packet, which the loop under test would pay.
  const struct timespec nap = {.tv_nsec = kNapNs};
  uint64_t received = 0;
  int64_t first_ns = 0, last_ns = 0;
  stop_on_signals();
  say_ready();
  while (!stopped) {
    const unsigned count = receive(fd);
    received += count;
    if (count > 0) last_ns = now_ns();
    if (first_ns == 0) first_ns = last_ns;
    if (count < kMessages) nanosleep(&nap, NULL);
  }
  printf("received %" PRIu64 " dropped %" PRIu32 " seconds %.6f\n", received, drops(fd),
         (double)(last_ns - first_ns) / kNsPerSecond);
  return 0;
}
