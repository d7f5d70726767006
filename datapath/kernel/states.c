// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/states.h"

#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netns/generic.h>

#include "control/protocol.h"
#include "datapath/kernel/outbox.h"
#include "datapath/kernel/timers.h"

// iptables-nft lets go of a deleted rule a little later.
#define LAST_RULE_TIMEOUT_MS 1000
#define LAST_RULE_POLL_MS 10

struct table {
  struct list_head states; /* in order of creation */
  unsigned int count;
  bool was_used;
};

static unsigned int table_id;
static DEFINE_MUTEX(states_mutex);
static LIST_HEAD(all);
/* Of all namespaces, the dead ones too. */
static atomic_t living;

#define NFLUA_LIMIT(key, type, wire, parameter, user_value, value, least, meaning) \
  static parameter key = value;                                                    \
  module_param(key, parameter, 0644);                                              \
  MODULE_PARM_DESC(key, meaning ", for new states");
NFLUA_STATE_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT

static struct table* table_of(struct net* net) { return net_generic(net, table_id); }

/* Under states_mutex. */
static struct state* find(struct net* net, const char* name) {
  struct state* state;

  list_for_each_entry(state, &table_of(net)->states,
                      link) if (!state->is_dying && strcmp(state->name, name) == 0) return state;
  return NULL;
}

static struct vm* make_vm(struct state* state, const struct vm_limits* limits) {
  const char* why = NULL;
  struct vm* vm;

  spin_lock_bh(&state->lock);
  vm = vm_create(state, state->name, limits, &why);
  spin_unlock_bh(&state->lock);
  return vm;
}

/* Errors: ERR_PTR(-errno). */
static struct account* open_account(struct net* net, u32 maxalloc) {
  struct account* account = account_open(net);

  if (IS_ERR(account) || account_take(account, maxalloc)) return account;
  account_close(account);
  return ERR_PTR(-EDQUOT);
}

static void close_account(struct account* account, u32 maxalloc) {
  account_give_back(account, maxalloc);
  account_close(account);
}

/* NULL: out of memory. */
static struct state* make_state(struct net* net, const char* name, u32 maxalloc,
                                struct account* account) {
#define NFLUA_LIMIT(key, ...) .key = key,
  const struct vm_limits limits = {.max_bytes = maxalloc, NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)};
#undef NFLUA_LIMIT
  struct state* state = kzalloc(sizeof(*state), GFP_KERNEL);

  if (!state) return NULL;
  refcount_set(&state->references, 1);
  state->net = net;
  strscpy(state->name, name, sizeof(state->name));
  state->maxalloc = maxalloc;
  state->account = account;
  mutex_init(&state->chunk_mutex);
  spin_lock_init(&state->lock);
  INIT_LIST_HEAD(&state->held);
  timers_begin(state);
  log_begin(&state->log);
  state->vm = make_vm(state, &limits);
  if (!state->vm) {
    kfree(state);
    return NULL;
  }
  atomic_inc(&living);
  return state;
}

void state_put(struct state* state) {
  if (!refcount_dec_and_test(&state->references)) return;
  close_account(state->account, state->maxalloc);
  kfree(state);
  if (atomic_dec_and_test(&living)) wake_up_var(&living);
}

static void end_vm(struct state* state) {
  struct vm* vm;

  mutex_lock(&state->chunk_mutex);
  spin_lock_bh(&state->lock);
  vm = state->vm;
  state->vm = NULL;
  vm_close(vm);
  spin_unlock_bh(&state->lock);
  if (state->wants_conntrack) nf_ct_netns_put(state->net, NFPROTO_INET);
  mutex_unlock(&state->chunk_mutex);
}

/* Ends a dying state, and gives back the table's reference. */
static void kill_state(struct state* state) {
  end_vm(state);
  mutex_lock(&states_mutex);
  list_del(&state->link);
  list_del(&state->of_all);
  mutex_unlock(&states_mutex);
  state_put(state);
}

/* Under states_mutex. It stays in the table until a chunk that runs has ended, and its packets with
 * it: devices may go meanwhile. But nobody finds it any more. */
static void let_die(struct table* table, struct state* state) {
  state->is_dying = true;
  --table->count;
}

static int check_new(struct net* net, const char* name, u32 maxalloc) {
  if (*name == '\0' || strlen(name) >= STATE_NAME_BYTES || maxalloc < NFLUA_MIN_ALLOC_BYTES)
    return -EINVAL;
  if (find(net, name)) return -EEXIST;
  if (table_of(net)->count >= NFLUA_MAX_STATES) return -ENOSPC;
  return 0;
}

static int add_state(struct net* net, const char* name, u32 maxalloc) {
  struct account* account = open_account(net, maxalloc);
  struct state* state;

  if (IS_ERR(account)) return PTR_ERR(account);
  state = make_state(net, name, maxalloc, account);
  if (!state) {
    close_account(account, maxalloc);
    return -ENOMEM;
  }
  list_add_tail(&state->link, &table_of(net)->states);
  list_add_tail(&state->of_all, &all);
  ++table_of(net)->count;
  table_of(net)->was_used = true;
  return 0;
}

int state_create(struct net* net, const char* name, u32 maxalloc) {
  int error;

  if (maxalloc == 0) maxalloc = min_t(unsigned long, max_bytes, U32_MAX);
  mutex_lock(&states_mutex);
  error = check_new(net, name, maxalloc);
  if (!error) error = add_state(net, name, maxalloc);
  mutex_unlock(&states_mutex);
  return error;
}

/* -EAGAIN: a rule refers to it. */
static int take_unreferred(struct net* net, const char* name, struct state** found) {
  int error = 0;

  mutex_lock(&states_mutex);
  *found = find(net, name);
  if (!*found)
    error = -ENOENT;
  else if ((*found)->rules > 0)
    error = -EAGAIN;
  else
    let_die(table_of(net), *found);
  mutex_unlock(&states_mutex);
  return error;
}

int state_destroy(struct net* net, const char* name) {
  const unsigned long deadline = jiffies + msecs_to_jiffies(LAST_RULE_TIMEOUT_MS);
  struct state* state;
  int error;

  while ((error = take_unreferred(net, name, &state)) == -EAGAIN) {
    if (time_after(jiffies, deadline)) return -EBUSY;
    msleep(LAST_RULE_POLL_MS);
  }
  if (!error) kill_state(state);
  return error;
}

static struct state* get(struct net* net, const char* name, unsigned int rules) {
  struct state* state;

  mutex_lock(&states_mutex);
  state = find(net, name);
  if (state) {
    state_hold(state);
    state->rules += rules;
  }
  mutex_unlock(&states_mutex);
  return state;
}

struct state* state_get(struct net* net, const char* name) {
  return get(net, name, 0);
}

struct state* state_get_for_rule(struct net* net, const char* name) {
  return get(net, name, 1);
}

void state_put_of_rule(struct state* state) {
  mutex_lock(&states_mutex);
  --state->rules;
  mutex_unlock(&states_mutex);
  state_put(state);
}

static u32 bytes_used(struct state* state) {
  struct vm_stats stats = {};

  spin_lock_bh(&state->lock);
  if (state->vm) vm_get_stats(state->vm, &stats);
  spin_unlock_bh(&state->lock);
  return stats.bytes_used;
}

int states_list(struct net* net, struct state_row** rows, unsigned int* count) {
  struct table* table = table_of(net);
  struct state* state;
  struct state_row* row;

  mutex_lock(&states_mutex);
  *count = table->count;
  *rows = row = kvcalloc(table->count + 1, sizeof(**rows), GFP_KERNEL);
  if (row) {
    list_for_each_entry(state, &table->states, link) {
      if (state->is_dying) continue;
      memcpy(row->name, state->name, sizeof(row->name));
      row->maxalloc = state->maxalloc;
      row++->curralloc = bytes_used(state);
    }
  }
  mutex_unlock(&states_mutex);
  return *rows ? 0 : -ENOMEM;
}

unsigned int states_count(struct net* net) { return READ_ONCE(table_of(net)->count); }

void states_for_each(struct net* net, void (*visit)(struct state* state, void* argument),
                     void* argument) {
  struct state* state;

  mutex_lock(&states_mutex);
  list_for_each_entry(state, &all, of_all) {
    if (!net || state->net == net) visit(state, argument);
  }
  mutex_unlock(&states_mutex);
}

static void merge(struct vm_limits* limits, const struct vm_limits* with) {
#define NFLUA_LIMIT(key, ...) \
  if (with->key) limits->key = with->key;
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
}

static bool exceeds_defaults(const struct vm_limits* limits) {
#define NFLUA_LIMIT(key, ...) || limits->key > key
  return false NFLUA_RUNNING_LIMITS(NFLUA_LIMIT);
#undef NFLUA_LIMIT
}

int state_set_limits(struct state* state, const struct vm_limits* limits) {
  struct vm_limits merged;
  int error = -ENOENT;

  if (state->account && exceeds_defaults(limits)) return -EPERM;
  mutex_lock(&state->chunk_mutex);
  if (state_enter(state)) {
    vm_get_limits(state->vm, &merged);
    merge(&merged, limits);
    vm_set_limits(state->vm, &merged);
    state_leave(state);
    error = 0;
  }
  mutex_unlock(&state->chunk_mutex);
  return error;
}

int state_get_stats(struct state* state, struct vm_stats* stats, struct vm_limits* limits,
                    u64* busy, unsigned int* rules) {
  int error = -ENOENT;

  mutex_lock(&states_mutex);
  *rules = state->rules;
  mutex_unlock(&states_mutex);
  spin_lock_bh(&state->lock);
  if (state->vm) {
    vm_get_stats(state->vm, stats);
    vm_get_limits(state->vm, limits);
    *busy = state->busy;
    error = 0;
  }
  spin_unlock_bh(&state->lock);
  return error;
}

static int __net_init open_table(struct net* net) {
  INIT_LIST_HEAD(&table_of(net)->states);
  return 0;
}

/* Rules may still refer to states that end here: they are dead, and match nothing. Returns whether
 * there ever were any. */
static bool close_table(struct net* net) {
  struct table* table = table_of(net);
  struct state *state, *next;

  mutex_lock(&states_mutex);
  list_for_each_entry(state, &table->states, link) let_die(table, state);
  mutex_unlock(&states_mutex);
  /* Nobody else kills one here: a client keeps its namespace. */
  list_for_each_entry_safe(state, next, &table->states, link) kill_state(state);
  if (table->was_used) outbox_forget(net);
  return table->was_used;
}

static void __net_exit close_tables(struct list_head* namespaces) {
  struct net* net;
  bool was_any_used = false;

  list_for_each_entry(net, namespaces, exit_list) was_any_used |= close_table(net);
  if (was_any_used) outbox_wait();
}

static struct pernet_operations tables = {
    .init = open_table,
    .exit_batch = close_tables,
    .id = &table_id,
    .size = sizeof(struct table),
};

int states_open(void) { return register_pernet_subsys(&tables); }

/* A timer that fires just now has a reference as well; it may still be in state_put(). */
void states_close(void) {
  unregister_pernet_subsys(&tables);
  wait_var_event(&living, atomic_read(&living) == 0);
  synchronize_rcu();
}
