// SPDX-License-Identifier: GPL-2.0-or-later
// The timers of scripts. A kernel's timer that fires only puts its own into its state's list: what
// is in there runs one after the other in a task, so that thousands that are due at once, and arm
// others, leave the CPU to others in between. In softirq they would not: it goes on as long as any
// timer is due.
//
// Each armed timer has a reference to its state, and so has the state's runner while it is queued.
// Who cancels does not wait for one that just fires: that one finds out once it has the lock.
#include "datapath/kernel/world.h"

#include "datapath/kernel/timers.h"

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "datapath/kernel/accounts.h"
#include "datapath/kernel/compat.h"
#include "datapath/kernel/runtime.h"
#include "datapath/kernel/states.h"

static struct workqueue_struct* runners;

/* All but `timer` is under the state's lock. */
struct armed_timer {
  struct timer_list timer;
  struct list_head link; /* of the state's due timers; else empty */
  struct state* state;
  struct vm* vm;
  struct vm_timer* script; /* NULL: cancelled */
  u64 due_ns;
};

static void end_timer(struct armed_timer* armed) {
  struct state* state = armed->state;

  account_free(state->account, armed, sizeof(*armed));
  state_put(state);
}

/* Under the state's lock. */
static void start_runner(struct state* state) {
  if (state->is_runner_queued) return;
  state->is_runner_queued = true;
  state_hold(state);
  queue_delayed_work(runners, &state->runner, 0);
}

static void fire(struct timer_list* timer) {
  struct armed_timer* armed = container_of(timer, struct armed_timer, timer);
  struct state* state = armed->state;
  bool is_cancelled;

  spin_lock_bh(&state->lock);
  is_cancelled = !armed->script;
  if (!is_cancelled) {
    list_add_tail(&armed->link, &state->due);
    start_runner(state);
  }
  spin_unlock_bh(&state->lock);
  if (is_cancelled) end_timer(armed);
}

/* A chunk runs in its VM, and has let go of the lock for a while; or jiffies were late when it was
 * armed, as where a machine is a guest that has to wait for its CPU, and it comes too early. */
static bool must_wait(const struct armed_timer* armed) {
  const struct state* state = armed->state;

  if (ktime_get_ns() < armed->due_ns) return true;
  return armed->vm == state->vm ? state->is_loading : armed->vm == state->next;
}

/* Under the state's lock. NULL: there is none, or all must wait. */
static struct armed_timer* find_first(struct state* state) {
  struct armed_timer* armed;

  list_for_each_entry(armed, &state->due, link) {
    if (!must_wait(armed)) return armed;
  }
  return NULL;
}

/* Under the state's lock. Returns what ran; else NULL, and *wait says for how many jiffies. */
static struct armed_timer* run_first(struct state* state, unsigned long* wait) {
  struct armed_timer* first = find_first(state);

  *wait = 1;
  if (!first) return NULL;
  if (!account_begin_call(state->account)) {
    *wait = msecs_to_jiffies(ACCOUNT_WINDOW_MS);
    return NULL;
  }
  list_del_init(&first->link);
  vm_run_timer(first->vm, first->script);
  account_end_call(state->account);
  return first;
}

/* Under the state's lock. Returns whether the runner is queued no more. */
static bool rest(struct state* state, unsigned long wait) {
  state->is_runner_queued = !list_empty(&state->due);
  if (state->is_runner_queued) queue_delayed_work(runners, &state->runner, wait);
  return !state->is_runner_queued;
}

static void run_due(struct work_struct* work) {
  struct state* state = container_of(to_delayed_work(work), struct state, runner);
  struct armed_timer* ran;
  unsigned long wait;
  bool is_over = false;

  do {
    spin_lock_bh(&state->lock);
    ran = run_first(state, &wait);
    if (!ran) is_over = rest(state, wait);
    spin_unlock_bh(&state->lock);
    if (ran) end_timer(ran);
    cond_resched();
  } while (ran);
  if (is_over) state_put(state);
}

void timers_begin(struct state* state) {
  INIT_LIST_HEAD(&state->due);
  INIT_DELAYED_WORK(&state->runner, run_due);
}

void* host_start_timer(struct state* state, struct vm* vm, struct vm_timer* script,
                       uint32_t delay_ms) {
  struct armed_timer* armed = account_allocate(state->account, sizeof(*armed), sizeof(*armed));

  if (!armed) return NULL;
  state_hold(state);
  INIT_LIST_HEAD(&armed->link);
  armed->state = state;
  armed->vm = vm;
  armed->script = script;
  armed->due_ns = ktime_get_ns() + delay_ms * (u64)NSEC_PER_MSEC;
  timer_setup(&armed->timer, fire, 0);
  /* This tick may be nearly over. */
  mod_timer(&armed->timer, jiffies + msecs_to_jiffies(delay_ms) + 1);
  return armed;
}

void host_cancel_timer(void* handle) {
  struct armed_timer* armed = handle;
  const bool is_due = !list_empty(&armed->link);

  armed->script = NULL;
  list_del_init(&armed->link);
  if (is_due || timer_delete(&armed->timer)) end_timer(armed);
}

int timers_open(void) {
  runners = alloc_workqueue("xt_lua", WQ_UNBOUND, 0);
  return runners ? 0 : -ENOMEM;
}

void timers_close(void) { destroy_workqueue(runners); }
