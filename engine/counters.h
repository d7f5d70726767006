/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a state counts: the only list, which structures, sums, tables, JSON and docs/stats.md expand
 * from. C and C++.
 *
 *   X(key, caption, remark, meaning)
 *
 * key: in `stats --json`. caption: in the tables of `replay`, `run` and `stats`, where it shows if
 * it is not 0 ("" where the table tells it otherwise), with the remark behind it. meaning:
 * docs/stats.md.
 */
#ifndef NFLUA_ENGINE_COUNTERS_H
#define NFLUA_ENGINE_COUNTERS_H

// clang-format off
#define NFLUA_STATE_COUNTERS(X) \
  X(calls, "", "", \
    "Calls of the script's functions, by packets, messages and timers.") \
  X(errors, "errors", "", \
    "Calls that raised an error, or whose result is not one of the expected ones.") \
  X(budget_exceeded, "  out of instructions", "", \
    "Calls and chunks that used up their budget of instructions. The calls are also errors.") \
  X(memory_exceeded, "  out of memory", "", \
    "Calls and chunks that reached the state's bound of bytes. The calls are also errors.") \
  X(unreadable, "unreadable headers", "cut off, or they lie: tuple() and such gave nil", \
    "Calls whose packet has headers that are cut off or lie, so that `tuple`, `payload`, `inner` or " \
    "`reply` gave nil, and packets that `--tcp-payload` keeps from a rule for that reason. A packet " \
    "that two rules look at counts twice.") \
  X(replies, "", "", \
    "Calls of `reply` and `tcpreply` that succeeded.") \
  X(sent, "", "", \
    "Held packets that the script sent.") \
  X(send_failures, "", "", \
    "Held packets that were dropped because `send` failed.") \
  X(closed, "", "", \
    "Held packets that the script closed.") \
  X(abandoned, "", "", \
    "Held packets that the script let go of, or that its state's end closed.") \
  X(datagrams, "datagrams", "", \
    "Calls of `netlink.send` that succeeded.") \
  X(datagram_failures, "datagrams failed", "", \
    "Calls of `netlink.send` that failed.") \
  X(timers_refused, "timers refused", "--max-timers", \
    "Calls of `timer.create` above the bound.") \
  X(held_refused, "holds refused", "--max-held-packets, --max-held-bytes", \
    "Calls that returned \"stolen\" above a bound. This is an error, and the packet continues.")
// clang-format on

#endif
