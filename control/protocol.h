/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control messages, as docs/protocol.md explains them: the one definition, for C, C++ and the
 * kernel. It includes nothing, so that it compiles wherever a compiler does.
 *
 * A message is one datagram: a struct nlmsghdr, then one of the structures below, then the bytes or
 * rows that it announces. Native byte order; the structures are laid out without holes.
 *
 * Never changed: messages 16 to 20 are spoken by clients that were built elsewhere. What is new is
 * a new type, from NFLUA_FIRST_EXTENSION on; a type that was given away is never used again.
 */
#ifndef NFLUA_CONTROL_PROTOCOL_H
#define NFLUA_CONTROL_PROTOCOL_H

#ifdef __cplusplus
#define NFLUA_STATIC_ASSERT(condition) static_assert(condition, #condition)
#else
#define NFLUA_STATIC_ASSERT(condition) _Static_assert(condition, #condition)
#endif

typedef __UINT32_TYPE__ nflua_u32;
typedef __UINT64_TYPE__ nflua_u64;

/* The kernel module's netlink family, where its port is 0. */
#define NETLINK_NFLUA 31
/* The daemon's port in NETLINK_USERSOCK, unless configured: "NFLA". */
#define NFLUA_DAEMON_PORT 0x4e464c41

/* nlmsg_type. The reply to a command that failed is NLMSG_ERROR without flags and body. */
enum {
  NFLUA_CREATE = 16,
  NFLUA_DESTROY = 17,
  NFLUA_LIST = 18,
  NFLUA_EXECUTE = 19,
  NFLUA_DATA = 20,

  NFLUA_FIRST_EXTENSION = 32,
  NFLUA_ERROR_TEXT = 32,
  NFLUA_STATS = 33,
  NFLUA_LIMITS = 34,
  NFLUA_BIND = 35,
  NFLUA_UNBIND = 36,
  NFLUA_RELOAD = 37,
  NFLUA_EVALUATE = 38,
  NFLUA_PRINTED = 39
};

/*
 * nlmsg_flags. Not those of other netlink families: receive loops that take 4 for NLM_F_ACK, the
 * kernel's netlink_rcv_skb() and libmnl's callbacks among them, do the wrong thing.
 */
enum {
  NFLUA_REQUEST = 1,
  NFLUA_MULTI = 2, /* one of several messages */
  NFLUA_DONE = 4,  /* the last one */
  NFLUA_INIT = 8   /* the first one */
};

#define NFLUA_HEADER_BYTES 16  /* struct nlmsghdr */
#define NFLUA_NAME_BYTES 64    /* a state's name, its final zero included */
#define NFLUA_SCRIPT_BYTES 255 /* a chunk's name, perhaps without a final zero */

/* What a CREATE request has, and a row of the reply to LIST. */
struct nflua_state {
  char name[NFLUA_NAME_BYTES];
  nflua_u32 maxalloc;  /* bytes; in CREATE 0: the server's default */
  nflua_u32 curralloc; /* bytes; in CREATE without meaning */
};

struct nflua_fragment {
  nflua_u32 seq;    /* counts the messages of a command or reply from 0 */
  nflua_u32 offset; /* bytes (EXECUTE) or rows (LIST) in those before */
};

struct nflua_destroy {
  char name[NFLUA_NAME_BYTES];
};

/* The first message of a reply to LIST; those after it have only the fragment. Then come rows. */
struct nflua_list {
  nflua_u32 total; /* rows */
  struct nflua_fragment fragment;
};

/* The first message of EXECUTE, RELOAD, EVALUATE; later ones have only the fragment. Then come
 * bytes. */
struct nflua_script {
  nflua_u32 total; /* bytes */
  char name[NFLUA_NAME_BYTES];
  char script[NFLUA_SCRIPT_BYTES];
  char padding;
  struct nflua_fragment fragment;
};

/* Both directions; then come `total` bytes. */
struct nflua_data {
  nflua_u32 total;
  char name[NFLUA_NAME_BYTES];
};

/* STATS: an empty name is the server. BIND and UNBIND: then come arguments, each with a final zero.
 */
struct nflua_named {
  char name[NFLUA_NAME_BYTES];
};

/* LIMITS; 0 leaves that bound as it is. */
struct nflua_limits {
  char name[NFLUA_NAME_BYTES];
  nflua_u64 max_instructions; /* of one call of a callback */
  nflua_u64 max_load_instructions;
  nflua_u64 max_held_bytes;
  nflua_u32 max_timers;
  nflua_u32 max_held_packets;
};

/* The first message of a text, the reply to ERROR_TEXT, STATS, BIND, UNBIND, EVALUATE and
   PRINTED; those after it have only the fragment. Then come bytes. */
struct nflua_text {
  nflua_u32 total; /* bytes */
  struct nflua_fragment fragment;
};

/* All multiples of 4, so that what follows a structure begins right behind it. */
NFLUA_STATIC_ASSERT(sizeof(nflua_u32) == 4);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_state) == 72);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_fragment) == 8);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_destroy) == 64);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_list) == 12);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_script) == 332);
NFLUA_STATIC_ASSERT(__builtin_offsetof(struct nflua_script, fragment) == 324);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_data) == 68);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_named) == 64);
/* The 64-bit members begin at a multiple of 8, wherever that matters. */
NFLUA_STATIC_ASSERT(sizeof(nflua_u64) == 8);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_limits) == 96);
NFLUA_STATIC_ASSERT(__builtin_offsetof(struct nflua_limits, max_instructions) == 64);
NFLUA_STATIC_ASSERT(__builtin_offsetof(struct nflua_limits, max_timers) == 88);
NFLUA_STATIC_ASSERT(sizeof(struct nflua_text) == 12);

/*
 * Bounds. `payload` is what one message may have, header included: NFLUA_PAYLOAD_BYTES of the
 * machine's page size, on both sides.
 */
#define NFLUA_PAYLOAD_BYTES(page_bytes) ((page_bytes) > 4096 ? 8192 : 4096)

#define NFLUA_AFTER(payload, structure) ((payload)-NFLUA_HEADER_BYTES - sizeof(structure))

/* Of the chunk in the first EXECUTE, RELOAD or EVALUATE, and as much in each that follows: 3 748 or
   7 844. */
#define NFLUA_SCRIPT_FRAGMENT_BYTES(payload) NFLUA_AFTER(payload, struct nflua_script)
#define NFLUA_MAX_FRAGMENTS(payload) (65536 / (payload))
#define NFLUA_MAX_CHUNK_BYTES(payload) \
  (NFLUA_MAX_FRAGMENTS(payload) * NFLUA_SCRIPT_FRAGMENT_BYTES(payload))

/* Of DATA: 4 012 or 8 108. */
#define NFLUA_MAX_DATA_BYTES(payload) NFLUA_AFTER(payload, struct nflua_data)

/* Rows in a LIST message, the first like those that follow: 56 or 113. */
#define NFLUA_LIST_ROWS(payload) \
  (NFLUA_AFTER(payload, struct nflua_list) / sizeof(struct nflua_state))
/* States of a server: what clients have room for in the reply to one LIST. */
#define NFLUA_MAX_STATES 904

/* Of a text in each message, the first like those that follow: 4 068 or 8 164. */
#define NFLUA_TEXT_FRAGMENT_BYTES(payload) NFLUA_AFTER(payload, struct nflua_text)
#define NFLUA_MAX_TEXT_BYTES 65536

/* Of the text of PRINTED: of more only the beginning is kept. */
#define NFLUA_MAX_PRINTED_BYTES 16384

/* Of the arguments of BIND and UNBIND, their zeros included: 4 016 or 8 112. */
#define NFLUA_MAX_ARGUMENT_BYTES(payload) NFLUA_AFTER(payload, struct nflua_named)

/* Least maxalloc that CREATE accepts, in bytes. */
#define NFLUA_MIN_ALLOC_BYTES 32768

/* Commands of which a server holds a part, of all clients together. */
#define NFLUA_MAX_HALF_SENT 64

#endif
