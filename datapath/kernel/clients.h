/* SPDX-License-Identifier: GPL-2.0-or-later
 * The clients of one network namespace: which number comes next, what each has half sent, and why
 * its last command failed (docs/protocol.md, "Numbers"). control/reassembly.hpp is the daemon's.
 *
 * Invariants: at most MAX_CLIENTS, of more the most silent one is forgotten; of their half-sent
 * commands at most NFLUA_MAX_HALF_SENT.
 * Context: process; who calls has locked.
 */
#ifndef NFLUA_DATAPATH_KERNEL_CLIENTS_H
#define NFLUA_DATAPATH_KERNEL_CLIENTS_H

#include <linux/hashtable.h>
#include <linux/list.h>

#include "datapath/kernel/request.h"

#define CLIENT_BITS 6 /* of the hash */

struct clients {
  DECLARE_HASHTABLE(by_port, CLIENT_BITS);
  struct list_head by_silence; /* whoever was heard last comes first */
  unsigned int count;
  unsigned int half_sent;
};

enum outcome {
  OUTCOME_IGNORED,  /* to be answered by nothing at all */
  OUTCOME_REFUSED,  /* to be answered by an error; *why is a static text */
  OUTCOME_RECEIVED, /* to be carried out and answered */
};

void clients_open(struct clients* clients);
void clients_close(struct clients* clients);

/* Requires: the datagram has a request's header. Errors: memory is short, as OUTCOME_REFUSED. */
enum outcome clients_receive(struct clients* clients, u32 port, struct view datagram,
                             struct request* request, const char** why);
/* Frees what a received request owns. */
void clients_free_half(struct request* request);

void clients_forget(struct clients* clients, u32 port);

/* Keeps that text, of which a message has room for a part; size 0: it has succeeded. */
void clients_keep_error(struct clients* clients, u32 port, const char* text, size_t size);
/* Empty: none failed since one succeeded. */
void clients_last_error(struct clients* clients, u32 port, struct state_text* text);

/* Keeps what the client's chunk printed; NULL: its last command was none. Errors: where memory is
 * short, nothing is kept. */
void clients_keep_printed(struct clients* clients, u32 port, const struct state_printed* printed);
void clients_last_printed(struct clients* clients, u32 port, struct state_printed* printed);

#endif
