/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a server of the control protocol counts, the daemon and the kernel module alike: the only
 * list. C and C++.
 *
 *   X(key, meaning)      key: in `stats --json` without a name. meaning: docs/stats.md.
 */
#ifndef NFLUA_CONTROL_COUNTERS_H
#define NFLUA_CONTROL_COUNTERS_H

// clang-format off
#define NFLUA_SERVER_COUNTERS(X) \
  X(commands, "Commands that came, DATA among them.") \
  X(data, "Messages to states.") \
  X(failed, "Commands that were answered by an error.") \
  X(malformed, "Messages that are not a command, or came out of order.") \
  X(refused_senders, "Messages of users whom this server does not serve.") \
  X(replies_lost, "Answers that did not reach the client, because it was gone or had no room.")

/* Of the daemon alone: the kernel calls its server without a socket between. */
#define NFLUA_DAEMON_COUNTERS(X) \
  X(receive_overruns, "Times that the daemon's socket had no room, so that messages were lost.")
// clang-format on

#endif
