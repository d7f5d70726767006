/* SPDX-License-Identifier: GPL-2.0-or-later
 * The server's side of docs/protocol.md in one network namespace: takes what clients send, carries
 * their commands out on the namespace's states, answers each once. control/command_server.hpp and
 * cli/daemon/state_keeper.hpp are the daemon's.
 *
 * Commands of several clients run at the same time; states.h orders those of one state.
 * Context: process.
 */
#ifndef NFLUA_DATAPATH_KERNEL_CONTROL_H
#define NFLUA_DATAPATH_KERNEL_CONTROL_H

#include <linux/mutex.h>

#include "control/counters.h"
#include "datapath/kernel/clients.h"

struct sock;

struct server_counters {
#define NFLUA_COUNTER(key, ...) u64 key;
  NFLUA_SERVER_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
};

/* `lock` guards the rest. It is not held while a command is carried out. */
struct server {
  struct mutex lock;
  struct clients clients;
  struct server_counters counters;
};

/* Who sent a datagram. */
struct peer {
  struct sock* socket; /* the namespace's, which took it and answers */
  u32 port;
  bool is_served;
};

void control_open(struct server* server);
/* Requires: no one sends any more. */
void control_close(struct server* server);

void control_take(struct server* server, const struct peer* from, struct view datagram);
/* That socket is closed. */
void control_forget(struct server* server, u32 port);

#endif
