// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/accounts.h"

#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "datapath/kernel/log.h"

static unsigned long max_user_bytes = 16UL << 20;
module_param(max_user_bytes, ulong, 0644);
MODULE_PARM_DESC(max_user_bytes,
                 "Bytes of all states, held packets and timers of an ordinary user");
static unsigned int max_user_percent = 25;
module_param(max_user_percent, uint, 0644);
MODULE_PARM_DESC(max_user_percent,
                 "Percent of each CPU's time for callbacks of an ordinary user's states");

/* Of one CPU. */
struct share {
  u64 window; /* its number */
  u64 used_ns;
  u64 began_ns; /* the call that is running; 0: none */
};

struct account {
  struct list_head link;
  kuid_t owner;
  unsigned int states; /* that refer to it; under accounts_lock, as the list */
  atomic_long_t bytes;
  struct share __percpu* shares;
  struct log_share log;
};

static LIST_HEAD(accounts);
static DEFINE_SPINLOCK(accounts_lock);

/* Whoever has several uids, as for a container, may give each to a namespace within his first. */
static kuid_t owner_of(const struct net* net) {
  const struct user_namespace* outermost = net->user_ns;

  while (outermost->parent != &init_user_ns) outermost = outermost->parent;
  return outermost->owner;
}

static struct account* refer(kuid_t owner) {
  struct account *account, *found = NULL;

  spin_lock_bh(&accounts_lock);
  list_for_each_entry(account, &accounts, link) {
    if (!uid_eq(account->owner, owner)) continue;
    ++account->states;
    found = account;
    break;
  }
  spin_unlock_bh(&accounts_lock);
  return found;
}

static struct account* make(kuid_t owner) {
  struct account* account = kzalloc(sizeof(*account), GFP_KERNEL);

  if (!account) return NULL;
  account->shares = alloc_percpu(struct share);
  if (!account->shares) {
    kfree(account);
    return NULL;
  }
  account->owner = owner;
  account->states = 1;
  log_begin(&account->log);
  spin_lock_bh(&accounts_lock);
  list_add(&account->link, &accounts);
  spin_unlock_bh(&accounts_lock);
  return account;
}

struct account* account_open(const struct net* net) {
  struct account* account;
  kuid_t owner;

  if (!is_ordinary_users(net)) return NULL;
  owner = owner_of(net);
  account = refer(owner);
  if (!account) account = make(owner);
  return account ? account : ERR_PTR(-ENOMEM);
}

void account_close(struct account* account) {
  bool is_last;

  if (!account) return;
  spin_lock_bh(&accounts_lock);
  is_last = --account->states == 0;
  if (is_last) list_del(&account->link);
  spin_unlock_bh(&accounts_lock);
  if (!is_last) return;
  free_percpu(account->shares);
  kfree(account);
}

bool account_take(struct account* account, unsigned long bytes) {
  if (!account) return true;
  if ((unsigned long)atomic_long_add_return(bytes, &account->bytes) <= max_user_bytes) return true;
  atomic_long_sub(bytes, &account->bytes);
  return false;
}

void account_give_back(struct account* account, unsigned long bytes) {
  if (account) atomic_long_sub(bytes, &account->bytes);
}

void* account_allocate(struct account* account, size_t size, unsigned long bytes) {
  void* block;

  if (!account_take(account, bytes)) return NULL;
  block = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);
  if (!block) account_give_back(account, bytes);
  return block;
}

void account_free(struct account* account, void* block, unsigned long bytes) {
  account_give_back(account, bytes);
  kfree(block);
}

#define WINDOW_NS ((u64)ACCOUNT_WINDOW_MS * NSEC_PER_MSEC)

static bool is_too_much(u64 used_ns) {
  return used_ns >= div_u64(WINDOW_NS * max_user_percent, 100);
}

bool account_begin_call(struct account* account) {
  struct share* share;
  u64 now_ns, window;

  if (!account) return true;
  share = this_cpu_ptr(account->shares);
  now_ns = local_clock();
  window = div_u64(now_ns, WINDOW_NS);
  if (share->window != window) {
    share->window = window;
    share->used_ns = 0;
  }
  if (is_too_much(share->used_ns)) return false;
  share->began_ns = now_ns;
  return true;
}

static u64 time_of_call(const struct share* share) { return local_clock() - share->began_ns; }

void account_end_call(struct account* account) {
  struct share* share;

  if (!account) return;
  share = this_cpu_ptr(account->shares);
  share->used_ns += time_of_call(share);
  share->began_ns = 0;
}

bool account_is_used_up(struct account* account) {
  const struct share* share = account ? this_cpu_ptr(account->shares) : NULL;

  return share && share->began_ns && is_too_much(share->used_ns + time_of_call(share));
}

struct log_share* account_log(struct account* account, struct log_share* own) {
  return account ? &account->log : own;
}
