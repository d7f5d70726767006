// SPDX-License-Identifier: GPL-2.0-or-later
// What is counted at a place of live traffic, packets and their verdicts apart: the only list.
//
//   X(key, caption, remark, meaning)
//
// key: the field of Summary, and in `stats --json`. caption: in the table of `run`, section
// "queue", where it shows if it is not 0 ("" where another section tells it), with the remark
// behind it. meaning: docs/stats.md.
#pragma once

// clang-format off
#define NFLUA_PLACE_COUNTERS(X) \
  X(waiting, "waiting", "in the kernel, for a verdict", \
    "Packets that wait in the kernel's queues now, held ones included.") \
  X(dropped_queue_full, "dropped, queue full", "by the kernel: --queue-maxlen, or --fail open", \
    "Packets that the kernel dropped, or let pass with `--fail open`, because a queue was full.") \
  X(dropped_socket_full, "dropped, socket full", \
    "by the kernel: --snaplen, net.core.rmem_max, or --fail open", \
    "The same, because the socket had no room.") \
  X(truncated, "truncated", "the script sees the first --snaplen bytes", \
    "Packets of which the script saw only the first `--snaplen` bytes.") \
  X(repeated_too_often, "", "", \
    "Packets dropped because their rules returned \"repeat\" more than 64 times.") \
  X(left_out_floods, "left out, for many", \
    "broadcast, multicast that begins a connection: let through, because a queue loses it", \
    "Broadcast and multicast packets that begin a connection. Our rule let them pass, because the " \
    "kernel would lose them in a queue.") \
  X(left_out_vrf_passes, "left out, VRF", "had been judged by its own device", \
    "Packets of a VRF that come a second time, which our rule let pass.") \
  X(never_shown, "never shown", \
    "passed a full queue by --fail open, or lost because a bridge had copied them", \
    "Packets that our rule queued and that were neither shown to nflua nor counted by the kernel.") \
  X(rules_restored, "rules restored", "times that others had removed or changed them", \
    "Times that our own table was put back after others had removed or changed it.") \
  X(held, "", "", "Packets that the script holds now.") \
  X(held_released, "", "", \
    "Packets that were still held when the run or their state ended, so that `--fail` decided. They " \
    "are also in `held_sent` or `held_closed`.") \
  X(reply_packets, "", "", "Packets that `reply` and `tcpreply` sent.") \
  X(reply_failures, "", "", "Packets of replies that could not be sent.")
// clang-format on
