// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel counts of its NFQUEUEs.
// Source: /proc/net/netfilter/nfnetlink_queue, seq_show() in net/netfilter/nfnetlink_queue.c.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>

namespace nflua::queue {

struct KernelCounters {
  /// The listener's netlink port.
  uint32_t port = 0;
  /// Packets that wait for a verdict.
  uint64_t waiting = 0;
  /// Packets dropped as the queue was full.
  uint64_t queue_full = 0;
  /// Packets dropped as they could not be copied to the listener: its socket was full.
  uint64_t socket_full = 0;
  /// Packets that were given a number, to be copied to the listener: all that were not lost before.
  uint64_t numbered = 0;
};

/// Nothing: no process listens on that queue in this network namespace.
std::optional<KernelCounters> read_kernel_counters(uint16_t number);
/// The same from an open file. Borrows: `in`.
std::optional<KernelCounters> find_kernel_counters(std::istream& in, uint16_t number);

std::optional<uint32_t> listener_of(uint16_t number);

}  // namespace nflua::queue
