// SPDX-License-Identifier: GPL-2.0-or-later
// Sends UDP packets to itself over the loopback device and takes each before it sends the next:
//   sender PACKETS ROUNDS
// Prints, for each round, the instructions that a packet took there and back. They are read from
// the CPU's time-stamp counter, which in a guest that counts (tests/guest) counts just these.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <x86intrin.h>

enum {
  kReceiverPort = 9000,
  kSenderPort = 9001,
  kPayloadBytes = 32,  // a packet of 60 with its headers
  kWarmUpPackets = 500,
  kTimeoutSeconds = 1,
};

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in loopback(unsigned short port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

static int open_at(unsigned short port, unsigned short peer_port) {
  const struct sockaddr_in own = loopback(port), peer = loopback(peer_port);
  const struct timeval timeout = {.tv_sec = kTimeoutSeconds};
  const int end = socket(AF_INET, SOCK_DGRAM, 0);

  if (end < 0) fail("socket");
  if (setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout))) fail("setsockopt");
  if (bind(end, (const struct sockaddr*)&own, sizeof(own))) fail("bind");
  if (connect(end, (const struct sockaddr*)&peer, sizeof(peer))) fail("connect");
  return end;
}

static void exchange(int sender, int receiver, long packets) {
  char payload[kPayloadBytes], received[kPayloadBytes];

  memset(payload, 'x', sizeof(payload));
  for (long i = 0; i < packets; ++i) {
    if (send(sender, payload, sizeof(payload), 0) != sizeof(payload)) fail("send");
    if (recv(receiver, received, sizeof(received), 0) != sizeof(payload)) fail("recv");
  }
}

int main(int argc, char** argv) {
  const long packets = argc == 3 ? atol(argv[1]) : 0, rounds = argc == 3 ? atol(argv[2]) : 0;
  const int sender = open_at(kSenderPort, kReceiverPort);
  const int receiver = open_at(kReceiverPort, kSenderPort);

  if (packets <= 0 || rounds <= 0) {
    fprintf(stderr, "usage: %s PACKETS ROUNDS\n", argv[0]);
    return 2;
  }
  exchange(sender, receiver, kWarmUpPackets);
  for (long round = 0; round < rounds; ++round) {
    const unsigned long long start = __rdtsc();
    exchange(sender, receiver, packets);
    printf("%.1f\n", (double)(__rdtsc() - start) / (double)packets);
  }
  return 0;
}
