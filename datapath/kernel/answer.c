// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/answer.h"

#include <linux/skbuff.h>
#include <net/netlink.h>

#include "datapath/kernel/netlink.h"
#include "datapath/kernel/request.h"

/* The first message's, of rows and of bytes alike; later ones have only the fragment. */
static_assert(sizeof(struct nflua_list) == sizeof(struct nflua_text));
static_assert(offsetof(struct nflua_list, fragment) == offsetof(struct nflua_text, fragment));
#define FRAGMENT_AT offsetof(struct nflua_text, fragment)

static_assert(sizeof(struct state_row) == sizeof(struct nflua_state));
static_assert(offsetof(struct state_row, maxalloc) == offsetof(struct nflua_state, maxalloc));
static_assert(offsetof(struct state_row, curralloc) == offsetof(struct nflua_state, curralloc));

/* What one answer carries: bytes or rows. */
struct whole {
  const void* units;
  u32 total;
  u32 unit_bytes;
  u32 room; /* units of a message */
};

static bool send(const struct asked* asked, const struct message* message) {
  struct sk_buff* written = netlink_write(message, GFP_KERNEL);

  return written && netlink_unicast(asked->socket, written, asked->port, MSG_DONTWAIT) >= 0;
}

bool answer_failed(const struct asked* asked) {
  return send(asked, &(struct message){.type = NLMSG_ERROR, .number = asked->number});
}

bool answer_done(const struct asked* asked) {
  return send(asked,
              &(struct message){.type = asked->type, .flags = NFLUA_DONE, .number = asked->number});
}

static u16 place_flags(bool is_first, bool is_last) {
  u16 flags = is_first && is_last ? 0 : NFLUA_MULTI;

  if (is_first) flags |= NFLUA_INIT;
  if (is_last) flags |= NFLUA_DONE;
  return flags;
}

static bool send_part(const struct asked* asked, const struct whole* whole, u32 seq, u32 offset) {
  const u32 count = min(whole->total - offset, whole->room);
  const struct nflua_text head = {whole->total, {seq, offset}};
  const size_t left_out = seq == 0 ? 0 : FRAGMENT_AT;

  return send(asked, &(struct message){
                         .type = asked->type,
                         .flags = place_flags(seq == 0, offset + count == whole->total),
                         .number = asked->number,
                         .head = (const u8*)&head + left_out,
                         .head_bytes = sizeof(head) - left_out,
                         .body = (const u8*)whole->units + (size_t)offset * whole->unit_bytes,
                         .body_bytes = (size_t)count * whole->unit_bytes,
                     });
}

/* For nothing there is one message, too. */
static bool send_whole(const struct asked* asked, const struct whole* whole) {
  u32 seq = 0, offset = 0;

  do {
    if (!send_part(asked, whole, seq++, offset)) return false;
    offset += whole->room;
  } while (offset < whole->total);
  return true;
}

bool answer_text(const struct asked* asked, const char* text, u32 size) {
  const struct whole whole = {text, size, 1, NFLUA_TEXT_FRAGMENT_BYTES(PAYLOAD_BYTES)};

  return send_whole(asked, &whole);
}

bool answer_rows(const struct asked* asked, const struct state_row* rows, u32 count) {
  const struct whole whole = {rows, count, sizeof(*rows), NFLUA_LIST_ROWS(PAYLOAD_BYTES)};

  return send_whole(asked, &whole);
}
