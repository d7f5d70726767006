// SPDX-License-Identifier: GPL-2.0-or-later
// What the programs here share: a clock, an orderly end, a large buffer, and what a loop reports.
#pragma once

#include <signal.h>
#include <stdint.h>

enum { kMarginBytes = 512, kMaxCopyRange = 0xffff };  // Margin: a message's headers and metadata.

enum { kUsage = 2, kRefused = 4 };  // Exit statuses, as nflua's.

/// Set by SIGINT and SIGTERM. A blocked read ends by wake_regularly(), so none outlives the signal.
extern volatile sig_atomic_t stopped;
void stop_on_signals(void);
void wake_regularly(int fd);

/// perror, and exit with kRefused.
_Noreturn void give_up(const char* what);

/// Prints the line that whoever started this program waits for.
void say_ready(void);

int64_t now_ns(void);

/// Receive buffer beyond the system's limit; without CAP_NET_ADMIN as large as permitted.
void enlarge_receive_buffer(int fd, int bytes);

/// Of the numeric option or argument `text`, at most `most`; else exits with kUsage.
long number(const char* text, long most);

/// What a queue's loop did; printed as "handled N enobufs N cpu SECONDS".
struct Report {
  uint64_t handled;
  uint64_t overruns;  // reads that ended in ENOBUFS: the kernel had dropped packets
};
void print_report(const struct Report* report);
