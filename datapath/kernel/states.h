/* SPDX-License-Identifier: GPL-2.0-or-later
 * The named states of a network namespace.
 *
 * A state is referred to by the table of its namespace, by each rule, and by each armed timer that
 * may be running. Destroyed, or its namespace gone, it is dead: it has no VM, what calls it gets
 * "no", and its memory goes with the last reference.
 *
 * Locks, in the order of taking them: states_mutex (process context) guards the tables of all
 * namespaces; state->chunk_mutex (process context) orders those who run chunks; state->lock, always
 * with spin_lock_bh, guards the VM, also from softirqs of this CPU: nothing is sent, and no hook
 * entered, while it is held.
 */
#ifndef NFLUA_DATAPATH_KERNEL_STATES_H
#define NFLUA_DATAPATH_KERNEL_STATES_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "datapath/kernel/accounts.h"
#include "datapath/kernel/log.h"
#include "datapath/kernel/runtime.h"

#define STATE_NAME_BYTES 64

struct state {
  struct list_head link;   /* of the namespace's table; under states_mutex */
  struct list_head of_all; /* of all namespaces' states; under states_mutex */
  refcount_t references;
  unsigned int rules; /* that refer to it; under states_mutex */
  bool is_dying;      /* destroyed, but its VM is still there; under states_mutex */
  struct net* net;    /* valid while not dead */
  char name[STATE_NAME_BYTES];
  u32 maxalloc; /* bytes, as LIST shows it */
  struct account* account;

  struct mutex chunk_mutex; /* whoever runs a chunk or message in process context, or ends the VM */
  bool wants_conntrack;     /* a chunk has named `conn`; under chunk_mutex */

  spinlock_t lock;
  /* All of the rest is under it. */
  /* The packet of the callback that runs; else NULL. */
  const struct packet_view* judged;
  struct vm* vm;   /* NULL: dead */
  struct vm* next; /* that is being loaded, to take the place of vm */
  bool is_loading; /* vm runs a chunk that has let go of the lock for a while */
  /* Of the chunk that holds the lock; NULL: what prints is none. */
  struct state_printed* printed;
  u64 busy;                   /* callbacks that did not run because of that, or of the account */
  u32 datagrams;              /* the number of the last datagram of its script */
  struct list_head held;      /* struct held_packet */
  struct list_head due;       /* timers that have fired, and not yet run */
  struct delayed_work runner; /* runs them; has a reference while it is queued */
  bool is_runner_queued;
  struct log_share log;
};

/* Locks the state for a callback. False: it is dead or busy, and not locked. */
static inline bool state_enter(struct state* state) {
  spin_lock_bh(&state->lock);
  if (likely(state->vm && !state->is_loading)) return true;
  state->busy += state->is_loading;
  spin_unlock_bh(&state->lock);
  return false;
}

static inline void state_leave(struct state* state) { spin_unlock_bh(&state->lock); }

/* The same, for what no task of the state's owner does: within his share of this CPU. */
static inline bool state_begin_call(struct state* state) {
  if (!state_enter(state)) return false;
  if (likely(account_begin_call(state->account))) return true;
  ++state->busy;
  state_leave(state);
  return false;
}

static inline void state_end_call(struct state* state) {
  account_end_call(state->account);
  state_leave(state);
}

/* All of these: process context. Errors: -EEXIST, -EINVAL (a name or bound that is none), -ENOSPC
 * (as many states as a list can show), -EDQUOT (an ordinary user has all that he may), -ENOMEM.
 */
int state_create(struct net* net, const char* name, u32 maxalloc);
/* Waits for the last rule for up to a second. Errors: -ENOENT, -EBUSY: a rule refers to it. */
int state_destroy(struct net* net, const char* name);

/* NULL: there is none. Takes a reference, which state_put() gives back. */
struct state* state_get(struct net* net, const char* name);
void state_put(struct state* state);

/* The same for a rule, which keeps the state from being destroyed. */
struct state* state_get_for_rule(struct net* net, const char* name);
void state_put_of_rule(struct state* state);

/* A row of a list. */
struct state_row {
  char name[STATE_NAME_BYTES];
  u32 maxalloc, curralloc;
};
/* All rows, in order of creation; *rows is the caller's, to kvfree(). Errors: -ENOMEM. */
int states_list(struct net* net, struct state_row** rows, unsigned int* count);

/* Text for a person. */
struct state_text {
  size_t size;
  char bytes[4096];
};

/* What a chunk prints, for the client that has it run. Of more only the beginning is kept, and a
 * last line that says so. */
#define STATE_PRINTED_BYTES 16384
struct state_printed {
  size_t size;
  char bytes[STATE_PRINTED_BYTES];
};

enum chunk_use {
  CHUNK_EXECUTE,
  CHUNK_EVALUATE, /* `text` is then what it returned */
  CHUNK_RELOAD,   /* in a new VM, which takes the old one's place */
};
/* Runs a chunk, which adds to `printed`. Errors: -EINVAL, `text` says why; -ENOENT dead; -ENOMEM;
 * -EDQUOT, there is no room for a second VM; -EINTR, the task is being killed. */
int state_run_chunk(struct state* state, enum chunk_use use, const char* chunk, size_t size,
                    const char* chunk_name, struct state_printed* printed, struct state_text* text);
/* Adds a line to what the chunk that runs prints. Requires: the state's lock. */
void state_keep_printed(struct state* state, const char* text, size_t size);
/* Hands a message to __receive_callback. Borrows: the message, which the script may change.
 * Errors: as state_run_chunk. */
int state_receive(struct state* state, u32 port, void* message, size_t size,
                  struct state_text* text);
/* 0 leaves a bound as it is. `max_bytes` is not looked at. Errors: -ENOENT dead; -EPERM in an
 * ordinary user's namespace: above the module's own. */
int state_set_limits(struct state* state, const struct vm_limits* limits);
/* Errors: -ENOENT dead. */
int state_get_stats(struct state* state, struct vm_stats* stats, struct vm_limits* limits,
                    u64* busy, unsigned int* rules);

/* One more reference. Requires: the caller has one, or the state's lock and a VM. */
static inline void state_hold(struct state* state) { refcount_inc(&state->references); }

/* How many there are, without the dying ones. */
unsigned int states_count(struct net* net);
/* Calls for each state of a namespace, NULL: of all, the dying ones too; in process context, its
 * lock not held. */
void states_for_each(struct net* net, void (*visit)(struct state* state, void* argument),
                     void* argument);

/* Of the module. states_close(): no state is left afterwards. Errors: -errno. */
int states_open(void);
void states_close(void);

#endif
