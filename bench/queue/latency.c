// SPDX-License-Identifier: GPL-2.0-or-later
// UDP round trips at a fixed rate.
//   latency serve PORT                            prints "ready", sends everything back
//   latency measure HOST PORT RATE MILLISECONDS   prints "trips N lost N p50 US p99 US"
// A trip that starts late because the one before it took too long is timed from when it was due.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "bench/queue/common.h"

enum {
  kPayloadBytes = 64,
  kMaxRate = 1000000,
  kMaxMilliseconds = 60000,
  kMillisecondsPerSecond = 1000,
  kNsPerSecond = 1000000000,
};
static const double kNsPerMicrosecond = 1e3;

struct Trips {
  int64_t* ns;
  size_t count, lost;
};

static int serve(uint16_t port) {
  struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(fd, (struct sockaddr*)&peer, sizeof peer) < 0) give_up("bind");
  wake_regularly(fd);
  say_ready();
  while (!stopped) {
    char payload[kPayloadBytes];
    socklen_t size = sizeof peer;
    const ssize_t got = recvfrom(fd, payload, sizeof payload, 0, (struct sockaddr*)&peer, &size);
    if (got >= 0) sendto(fd, payload, (size_t)got, 0, (struct sockaddr*)&peer, size);
  }
  return 0;
}

static int connect_client(const char* host, uint16_t port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (inet_pton(AF_INET, host, &to.sin_addr) != 1) exit(kUsage);
  if (connect(fd, (struct sockaddr*)&to, sizeof to) < 0) give_up("connect");
  wake_regularly(fd);
  return fd;
}

/// Returns whether the answer to number `trip` came; late answers to earlier ones are skipped.
static int make_trip(int fd, uint64_t trip) {
  char payload[kPayloadBytes] = {0};
  uint64_t answered;
  memcpy(payload, &trip, sizeof trip);
  if (send(fd, payload, sizeof payload, 0) < 0) return 0;
  do {
    if (recv(fd, payload, sizeof payload, 0) < 0) return 0;
    memcpy(&answered, payload, sizeof answered);
  } while (answered != trip);
  return 1;
}

/// Sleeps until then. Returns from when the trip is to be timed.
static int64_t wait_until(int64_t due_ns) {
  if (now_ns() > due_ns) return due_ns;
  const struct timespec due = {due_ns / kNsPerSecond, due_ns % kNsPerSecond};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
  return now_ns();
}

static void measure(int fd, int64_t interval_ns, size_t wanted, struct Trips* trips) {
  const int64_t start_ns = now_ns();
  for (size_t i = 0; i < wanted && !stopped; ++i) {
    const int64_t from_ns = wait_until(start_ns + (int64_t)i * interval_ns);
    if (make_trip(fd, i))
      trips->ns[trips->count++] = now_ns() - from_ns;
    else
      ++trips->lost;
  }
}

static int compare(const void* left, const void* right) {
  const int64_t a = *(const int64_t*)left, b = *(const int64_t*)right;
  return (a > b) - (a < b);
}

static double percentile(const struct Trips* trips, unsigned percent) {
  if (trips->count == 0) return 0;
  return (double)trips->ns[trips->count * percent / 100] / kNsPerMicrosecond;
}

static int measure_and_print(char** argv) {
  const int fd = connect_client(argv[0], (uint16_t)number(argv[1], UINT16_MAX));
  const long rate = number(argv[2], kMaxRate);
  const size_t wanted = (size_t)(rate * number(argv[3], kMaxMilliseconds) / kMillisecondsPerSecond);
  struct Trips trips = {.ns = calloc(wanted + 1, sizeof(int64_t))};
  if (rate == 0 || !trips.ns) exit(kUsage);
  prctl(PR_SET_TIMERSLACK, 1UL);
  measure(fd, kNsPerSecond / rate, wanted, &trips);
  qsort(trips.ns, trips.count, sizeof *trips.ns, compare);
  printf("trips %zu lost %zu p50 %.1f p99 %.1f\n", trips.count, trips.lost, percentile(&trips, 50),
         percentile(&trips, 99));
  free(trips.ns);
  return 0;
}

int main(int argc, char** argv) {
  stop_on_signals();
  if (argc == 3 && strcmp(argv[1], "serve") == 0)
    return serve((uint16_t)number(argv[2], UINT16_MAX));
  if (argc == 6 && strcmp(argv[1], "measure") == 0) return measure_and_print(argv + 2);
  fputs("usage: latency serve PORT | latency measure HOST PORT RATE MILLISECONDS\n", stderr);
  return kUsage;
}
