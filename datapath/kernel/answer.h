/* SPDX-License-Identifier: GPL-2.0-or-later
 * Answers to one command, in as many messages as they take. Nothing here waits for a client's
 * socket to have room. Return false: the client did not get all of it.
 * Context: process.
 */
#ifndef NFLUA_DATAPATH_KERNEL_ANSWER_H
#define NFLUA_DATAPATH_KERNEL_ANSWER_H

#include <linux/types.h>

struct sock;
struct state_row;

/* The command that is answered. */
struct asked {
  struct sock* socket; /* the server's */
  u32 port;            /* the client's */
  u32 number;
  u16 type;
};

bool answer_failed(const struct asked* asked);
bool answer_done(const struct asked* asked);
/* Requires: at most NFLUA_MAX_TEXT_BYTES. */
bool answer_text(const struct asked* asked, const char* text, u32 size);
/* Requires: at most NFLUA_MAX_STATES. */
bool answer_rows(const struct asked* asked, const struct state_row* rows, u32 count);

#endif
