/* SPDX-License-Identifier: GPL-2.0-or-later
 * The named states of a network namespace.
 *
 * A state is referred to by the table of its namespace, by each rule, and by each armed timer that
 * may be running. Destroyed, or its namespace gone, it is dead: it has no VM, what calls it gets
 * "no", and its memory goes with the last reference.
 *
 * Locks: state->lock, taken with spin_lock_bh, guards the VM and all that is said to be under it.
 * states_mutex (process context) guards a namespace's table; taken before state->lock.
 */
#ifndef NFLUA_DATAPATH_KERNEL_STATES_H
#define NFLUA_DATAPATH_KERNEL_STATES_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#include "runtime.h"

#define STATE_NAME_BYTES 64

struct state {
  struct list_head link; /* of the namespace's table; under states_mutex */
  refcount_t references;
  unsigned int rules; /* that refer to it; under states_mutex */
  struct net *net;    /* valid while not dead */
  char name[STATE_NAME_BYTES];
  u32 maxalloc; /* bytes, as LIST shows it */

  spinlock_t lock;
  struct vm *vm;   /* NULL: dead; under lock */
  bool is_loading; /* a chunk runs that has let go of the lock for a while; under lock */
  u64 busy;        /* callbacks that did not run because of that; under lock */
  u32 datagrams;   /* the number of the last datagram of its script; under lock */
  struct list_head held; /* struct held_packet; under lock */
};

/* All of these: process context. Errors: -EEXIST, -EINVAL (a name or bound that is none), -ENOSPC
 * (as many states as a list can show), -ENOMEM. */
int state_create(struct net *net, const char *name, u32 maxalloc);
/* Waits for the last rule for up to a second. Errors: -ENOENT, -EBUSY: a rule refers to it. */
int state_destroy(struct net *net, const char *name);

/* NULL: there is none. Takes a reference, which state_put() gives back. */
struct state *state_get(struct net *net, const char *name);
void state_put(struct state *state);

/* The same for a rule, which keeps the state from being destroyed. */
struct state *state_get_for_rule(struct net *net, const char *name);
void state_put_of_rule(struct state *state);

/* A row of a list. */
struct state_row {
  char name[STATE_NAME_BYTES];
  u32 maxalloc, curralloc;
};
/* All rows, in order of creation; *rows is the caller's, to kvfree(). Errors: -ENOMEM. */
int states_list(struct net *net, struct state_row **rows, unsigned int *count);

/* Text for a person. */
struct state_text {
  size_t size;
  char bytes[4096];
};

enum chunk_use {
  CHUNK_EXECUTE,
  CHUNK_EVALUATE, /* `text` is then what it returned */
  CHUNK_RELOAD,   /* in a new VM, which takes the old one's place */
};
/* Runs a chunk. Errors: -EINVAL, `text` says why; -ENOENT dead; -ENOMEM. */
int state_run_chunk(struct state *state, enum chunk_use use, const char *chunk, size_t size,
                    const char *chunk_name, struct state_text *text);
/* Hands a message to __receive_callback. Borrows: the message, which the script may change.
 * Errors: as state_run_chunk. */
int state_receive(struct state *state, u32 port, void *message, size_t size,
                  struct state_text *text);
/* 0 leaves a bound as it is. `maxalloc` is not looked at. Errors: -ENOENT dead. */
int state_set_limits(struct state *state, const struct vm_limits *limits);
/* Errors: -ENOENT dead. */
int state_get_stats(struct state *state, struct vm_stats *stats, struct vm_limits *limits,
                    u64 *busy, unsigned int *rules);

/* Of one namespace's table. */
int states_open_net(struct net *net);
/* All states are dead afterwards. */
void states_close_net(struct net *net);

/* Waits until no state is left: before the module goes. */
void states_wait_until_gone(void);

#endif
