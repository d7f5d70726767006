// SPDX-License-Identifier: GPL-2.0-or-later
// The timers of scripts. One that fires waits for its state's lock, and finds out only then whether
// it was cancelled meanwhile: so it has a reference to the state, and who cancels does not wait.
#include "datapath/kernel/world.h"

#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/timer.h>

#include "datapath/kernel/runtime.h"
#include "datapath/kernel/states.h"

struct armed_timer {
  struct timer_list timer;
  struct state* state;
  struct vm* vm;
  struct vm_timer* script; /* NULL: cancelled; under the state's lock */
  u64 due_ns;
};

static void end_timer(struct armed_timer* armed) {
  state_put(armed->state);
  kfree(armed);
}

/* A chunk runs in this VM, and has let go of the lock for a while; or this state's timers have just
 * taken their time; or jiffies were late when it was armed, as where a machine is a guest that has
 * to wait for its CPU, and it comes too early. */
static bool must_wait(const struct armed_timer* armed) {
  const struct state* state = armed->state;

  if (time_before(jiffies, state->timers_from) || ktime_get_ns() < armed->due_ns) return true;
  return armed->vm == state->vm ? state->is_loading : armed->vm == state->next;
}

/* All that are due run in one softirq, and thousands may be: who takes a tick leaves one to others.
 */
static void run(struct armed_timer* armed, struct vm_timer* script) {
  const unsigned long start = jiffies;

  vm_run_timer(armed->vm, script);
  if (jiffies != start) armed->state->timers_from = jiffies + (jiffies - start) + 1;
}

static void fire(struct timer_list* timer) {
  struct armed_timer* armed = from_timer(armed, timer, timer);
  struct state* state = armed->state;
  struct vm_timer* script;

  spin_lock_bh(&state->lock);
  script = armed->script;
  if (script && must_wait(armed)) {
    mod_timer(&armed->timer, jiffies + 1);
    spin_unlock_bh(&state->lock);
    return;
  }
  if (script) run(armed, script);
  spin_unlock_bh(&state->lock);
  end_timer(armed);
}

void* host_start_timer(struct state* state, struct vm* vm, struct vm_timer* script,
                       uint32_t delay_ms) {
  struct armed_timer* armed = kmalloc(sizeof(*armed), GFP_ATOMIC | __GFP_NOWARN);

  if (!armed) return NULL;
  state_hold(state);
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

  armed->script = NULL;
  if (del_timer(&armed->timer)) end_timer(armed);
}
