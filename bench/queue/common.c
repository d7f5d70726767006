// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/queue/common.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { kWakeMicroseconds = 50000, kNsPerSecond = 1000000000 };

volatile sig_atomic_t stopped;

static void stop(int signal_number) {
  (void)signal_number;
  stopped = 1;
}

void stop_on_signals(void) {
  const struct sigaction action = {.sa_handler = stop};  // No SA_RESTART: a blocked read returns.
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

void wake_regularly(int fd) {
  const struct timeval wait = {.tv_usec = kWakeMicroseconds};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0) give_up("SO_RCVTIMEO");
}

_Noreturn void give_up(const char* what) {
  perror(what);
  exit(kRefused);
}

void say_ready(void) {
  puts("ready");
  fflush(stdout);
}

int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * kNsPerSecond + now.tv_nsec;
}

void enlarge_receive_buffer(int fd, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0) give_up("SO_RCVBUF");
}

long number(const char* text, long most) {
  char* end;
  const long value = strtol(text, &end, 10);
  if (*text != '\0' && *end == '\0' && value >= 0 && value <= most) return value;
  fprintf(stderr, "%s: expected a number from 0 to %ld\n", text, most);
  exit(kUsage);
}

static double seconds(const struct timeval* time) {
  return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

void print_report(const struct Report* report) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("handled %" PRIu64 " enobufs %" PRIu64 " cpu %.6f\n", report->handled, report->overruns,
         seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
}
