// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module that does, when it is loaded, what the debug kernel must find:
 *
 *     insmod faulty.ko fault=NAME
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#define OBJECT_BYTES 40
#define TIMER_MS 3600000

static char* fault;
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "which: a name in the table");

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);

/* So that the compiler neither sees nor leaves out what is wrong. */
static char* object(void) {
  char* bytes = kmalloc(OBJECT_BYTES, GFP_ATOMIC | __GFP_NOWARN);
  OPTIMIZER_HIDE_VAR(bytes);
  return bytes;
}

static void nothing(void) {}

static void read_freed(void) {
  char* bytes = object();
  kfree(bytes);
  READ_ONCE(bytes[0]);
}

static void leak(void) { object(); }

/* Needs an allocation that fails. */
static void trust_allocation(void) {
  char* bytes = object();
  WRITE_ONCE(bytes[0], 1);
  kfree(bytes);
}

static void may_sleep_under_lock(void) {
  spin_lock(&first);
  kfree(kmalloc(OBJECT_BYTES, GFP_KERNEL));
  spin_unlock(&first);
}

static void lock_in(spinlock_t* outer, spinlock_t* inner) {
  spin_lock(outer);
  spin_lock(inner);
  spin_unlock(inner);
  spin_unlock(outer);
}

/* Nobody is stuck here; two who did this at once would be. */
static void lock_both_ways(void) {
  lock_in(&first, &second);
  lock_in(&second, &first);
}

static void never(struct timer_list* timer) {}

static void free_armed_timer(void) {
  struct timer_list* timer = kmalloc(sizeof(*timer), GFP_KERNEL);
  timer_setup(timer, never, 0);
  mod_timer(timer, jiffies + msecs_to_jiffies(TIMER_MS));
  kfree(timer);
}

static const struct {
  const char* name;
  void (*run)(void);
} faults[] = {
    {"nothing", nothing},
    {"read_freed", read_freed},
    {"leak", leak},
    {"trust_allocation", trust_allocation},
    {"may_sleep_under_lock", may_sleep_under_lock},
    {"lock_both_ways", lock_both_ways},
    {"free_armed_timer", free_armed_timer},
};

/* Not in the part that is gone once the module is loaded: reports must be able to name it. */
static noinline int commit(void) {
  size_t n;
  for (n = 0; n < ARRAY_SIZE(faults); n++) {
    if (fault && !strcmp(fault, faults[n].name)) {
      faults[n].run();
      return 0;
    }
  }
  return -EINVAL;
}

static int __init faulty_init(void) { return commit(); }

static void __exit faulty_exit(void) {}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_DESCRIPTION("Does what the debug kernel must find");
MODULE_LICENSE("GPL");
