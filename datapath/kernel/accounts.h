/* SPDX-License-Identifier: GPL-2.0-or-later
 * What ordinary users may take of the machine. Whoever may make user namespaces has CAP_NET_ADMIN
 * in his own ones, and no right to the kernel's memory, time and log: what his states need is
 * nobody's else to bear, neither a process' nor a cgroup's.
 *
 * A user has one account, for all his namespaces: that of who made the outermost. The machine's own
 * namespaces have none, which is NULL here, and no bounds but those of each state.
 */
#ifndef NFLUA_DATAPATH_KERNEL_ACCOUNTS_H
#define NFLUA_DATAPATH_KERNEL_ACCOUNTS_H

#include <linux/user_namespace.h>
#include <net/net_namespace.h>

struct account;
struct log_share;

static inline bool is_ordinary_users(const struct net* net) {
  return net->user_ns != &init_user_ns;
}

/* The account of whom the namespace belongs to. Requires: states_mutex. Errors: ERR_PTR(-ENOMEM).
 */
struct account* account_open(const struct net* net);
/* Any context. */
void account_close(struct account* account);

/* Memory, in bytes. Any context. False: it is more than the user may have. */
bool account_take(struct account* account, unsigned long bytes);
void account_give_back(struct account* account, unsigned long bytes);
/* As kmalloc(size, GFP_ATOMIC), on the account, with what the block stands for: `bytes` of both.
 * NULL: there is no memory, or the user may have no more. */
void* account_allocate(struct account* account, size_t size, unsigned long bytes);
void account_free(struct account* account, void* block, unsigned long bytes);

/* Time of this CPU, for what no process of the user's does; bottom halves are off from the one to
 * the other. False: the user's share is used up for a while. */
bool account_begin_call(struct account* account);
void account_end_call(struct account* account);
/* Whether the call that runs has used it up already: what it still asks for may be refused. */
bool account_is_used_up(struct account* account);
/* How long that while is at most. */
#define ACCOUNT_WINDOW_MS 100

/* What all of them may log together; `own`: if there is no account. */
struct log_share* account_log(struct account* account, struct log_share* own);

#endif
