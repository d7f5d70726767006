/* SPDX-License-Identifier: GPL-2.0-or-later
 * The border between the kernel's side of the module, C that includes <linux/…>, and the engine's,
 * freestanding C++ that includes none of it. Each side sees the other's structures by name only.
 *
 *   C calls vm_…      a Lua VM, for states.c; runtime.cpp has them
 *   C++ calls host_…, packet_…    what a datapath supplies; the .c files have them
 *
 * Context: all of it with the state's lock held and bottom halves off, on one CPU from the call of
 * vm_… to its return; only host_pause() lets go of both for a while. Nothing here sleeps.
 */
#ifndef NFLUA_DATAPATH_KERNEL_RUNTIME_H
#define NFLUA_DATAPATH_KERNEL_RUNTIME_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

#include "engine/counters.h"
#include "engine/limits.h"

#ifdef __cplusplus
extern "C" {
#endif

struct state;          /* states.h */
struct offered_packet; /* packet.h */
struct held_packet;    /* held.h */
struct vm;             /* a Lua VM: nflua::State */
struct vm_timer;       /* nflua::Timer */

/* As nflua::Limits. */
struct vm_limits {
#define NFLUA_LIMIT(key, type, wire, ...) wire key;
  NFLUA_STATE_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
};

/* As nflua::StateCounters, then what is in use. */
struct vm_stats {
#define NFLUA_COUNTER(key, ...) uint64_t key;
  NFLUA_STATE_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
  uint64_t bytes_used;
  uint32_t held_packets, armed_timers;
};

/* --- of the VM --- */

/* Errors: NULL, and *why is a static text. Borrows: owner, which the host_… functions get back. */
struct vm* vm_create(struct state* owner, const char* name, const struct vm_limits* limits,
                     const char** why);
/* Cancels its timers, drops its held packets, frees all. */
void vm_close(struct vm* vm);

/* Run a chunk, called `name` in messages. Return whether that went well; else vm_last_text() says
 * what did not. After a good vm_evaluate() it is what the chunk returned. */
bool vm_load(struct vm* vm, const char* chunk, size_t size, const char* name);
bool vm_evaluate(struct vm* vm, const char* chunk, size_t size, const char* name);
/* on_unload() of `old`, on_reload() of `vm`; nflua::State::take_over. */
bool vm_take_over(struct vm* vm, struct vm* old);
/* Borrows: until the next call. Not zero-terminated. */
const char* vm_last_text(const struct vm* vm, size_t* size);

/* A callback that fails says no. */
enum vm_match_answer { VM_NO, VM_YES, VM_HOTDROP };
enum vm_match_answer vm_match(struct vm* vm, const char* function, struct offered_packet* packet);

enum vm_verdict { VM_CONTINUE, VM_ACCEPT, VM_DROP, VM_STOLEN, VM_QUEUE, VM_REPEAT, VM_STOP };
/* `queue`: the number, after VM_QUEUE. */
enum vm_verdict vm_target(struct vm* vm, const char* function, struct offered_packet* packet,
                          uint16_t* queue);

bool vm_receive(struct vm* vm, uint32_t port, void* message, size_t size);
void vm_run_timer(struct vm* vm, struct vm_timer* timer);

void vm_set_limits(struct vm* vm, const struct vm_limits* limits);
void vm_get_limits(const struct vm* vm, struct vm_limits* limits);
void vm_get_stats(const struct vm* vm, struct vm_stats* stats);
/* Counts an error of a callback and logs it. `text`: static or outliving the call. */
void vm_report_error(struct vm* vm, const char* function, const char* text);
/* Whether the packet is TCP and carries payload: --tcp-payload. Counts one whose headers can't be
 * read. */
bool vm_carries_tcp_payload(struct vm* vm, struct offered_packet* packet);

/* --- of the world --- */

/* As lua_Alloc. */
void* host_reallocate(void* block, size_t old_bytes, size_t new_bytes);
int64_t host_now_ns(void);
uint32_t host_seed(void);
/* The number that scripts see of an address (lua/freestanding/format_text.h declares it to C++). */
unsigned long nflua_hide_pointer(const void* pointer);
/* A chunk runs for long: lets bottom halves and other tasks run. Returns whether it may go on: not
 * if its task is being killed. */
bool host_pause(struct state* state);
/* Bytes of C stack that a call may use from here on, more for a chunk; 0: too few for any. */
size_t host_stack_bytes(bool is_loading);

/* NULL: out of memory. */
void* host_start_timer(struct state* state, struct vm* vm, struct vm_timer* timer,
                       uint32_t delay_ms);
void host_cancel_timer(void* timer);

/* Addresses in network order, of 4 or 16 bytes; ports in host order. */
struct host_tuple {
  uint8_t family, protocol; /* 4 or 6; IPPROTO_… */
  uint16_t source_port, destination_port;
  uint8_t source[16], destination[16];
};
struct host_connection {
  int64_t id;
  bool has_traffic;
  uint64_t packets[2], bytes[2]; /* original, reply */
};
/* False: there is none. */
bool host_find_connection(struct state* state, const struct host_tuple* tuple,
                          struct host_connection* connection);

/* Returns bytes sent. Errors: *error is the errno's name. */
size_t host_send_netlink(struct state* state, uint32_t port, uint32_t groups, const void* payload,
                         size_t size, const char** error);

/* Writes to the kernel's log, within the state's rate. `function`: the callback, or chunk, that
 * failed; empty: the script printed it. The text is not zero-terminated, and may have lines. */
void host_report(struct state* state, const char* function, const char* text, size_t size);

/* --- of a packet that is offered to a callback, or held by a script --- */

/* The IP packet, contiguous. NULL: out of memory. Borrows: while the packet lives. */
const uint8_t* offered_bytes(struct offered_packet* packet, size_t* size);
const uint8_t* held_bytes(struct held_packet* packet, size_t* size);

/* What both kinds have: the sk_buff and its place. Never NULL. */
struct packet_view;
struct packet_view* offered_view(struct offered_packet* packet);
struct packet_view* held_view(struct held_packet* packet);

uint8_t* packet_frame(struct packet_view* packet, size_t* size);
bool packet_connection_id(struct packet_view* packet, int64_t* id);
const char* packet_in_device(struct packet_view* packet);
const char* packet_out_device(struct packet_view* packet);
const char* packet_hook(struct packet_view* packet);
bool packet_owner(struct packet_view* packet, uint32_t* uid, uint32_t* gid);
uint32_t packet_mark(struct packet_view* packet);
void packet_set_mark(struct packet_view* packet, uint32_t mark);
bool packet_checksum_is_pending(struct packet_view* packet);
/* Bytes that each segment of a bundle (GSO, GRO) carries; 0: it is none. */
size_t packet_segment_bytes(struct packet_view* packet);

/* A packet that answers: reply_start() gives room for `size` bytes of an IP packet, reply_send()
 * sends it once the state is unlocked. Errors: NULL out of memory; static texts. */
struct reply;
const char* packet_can_reply(struct packet_view* packet);
struct reply* reply_start(size_t size, uint8_t** bytes);
/* Ends the reply, whether it goes well or not. */
const char* reply_send(struct packet_view* packet, struct reply* reply);

/* Errors: NULL, and *why is a static text. */
struct held_packet* packet_hold(struct offered_packet* packet, const char** why);
void held_drop(struct held_packet* packet);
/* Lets it go on past its hook. With `bytes`: as these, an IP packet with another TCP payload, whose
 * TCP header is at the offset `tcp`. Ends the packet. Errors: a static text, the packet is dropped.
 */
const char* held_send(struct held_packet* packet, const uint8_t* bytes, size_t size, size_t tcp);

#ifdef __cplusplus
}
#endif

#endif
