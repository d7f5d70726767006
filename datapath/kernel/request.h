/* SPDX-License-Identifier: GPL-2.0-or-later
 * One command of docs/protocol.md, as a client meant it, out of the bytes that it sent.
 *
 * No length is believed that was not compared with what is there. Borrows: `bytes`, from the
 * message, or from `half` when the command came in several messages.
 */
#ifndef NFLUA_DATAPATH_KERNEL_REQUEST_H
#define NFLUA_DATAPATH_KERNEL_REQUEST_H

#include <linux/mm.h>
#include <linux/netlink.h>

#include "control/protocol.h"
#include "datapath/kernel/states.h"

#define PAYLOAD_BYTES NFLUA_PAYLOAD_BYTES(PAGE_SIZE)

struct request {
  u16 type;
  u32 number;
  char name[NFLUA_NAME_BYTES];
  char script[NFLUA_SCRIPT_BYTES + 1];
  u32 maxalloc;
  struct vm_limits limits;
  const u8* bytes; /* the chunk or the data */
  size_t size;
  struct half_sent* half; /* owned */

  /* Of its answer: what it came to, for people, or in JSON. */
  struct state_text text;
};

/* Bytes of a message. */
struct view {
  const u8* bytes;
  size_t size;
};

/* NULL: it may not be answered, having no header, or being an answer itself. */
const struct nlmsghdr* request_header(struct view datagram);
/* What follows the header. False: its length is not that of what came. */
bool request_body(struct view datagram, struct view* body);

/* A command of one message. False: its type is unknown, or its length or a name wrong. */
bool request_decode(struct request* request, u16 type, struct view body);
/* It changes nothing, not even what the client's last command came to. */
static inline bool is_question_type(u16 type) {
  return type == NFLUA_ERROR_TEXT || type == NFLUA_PRINTED;
}
/* EXECUTE, RELOAD, EVALUATE: the first message, and each later one. `bytes` is then its part. */
static inline bool is_script_type(u16 type) {
  return type == NFLUA_EXECUTE || type == NFLUA_RELOAD || type == NFLUA_EVALUATE;
}
bool request_decode_first(struct request* request, struct view body, u32* total,
                          struct nflua_fragment* fragment);
bool request_decode_later(struct request* request, struct view body,
                          struct nflua_fragment* fragment);

#endif
