// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/outbox.h"

#include <linux/interrupt.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>

#include "datapath/kernel/accounts.h"
#include "datapath/kernel/conntrack.h"
#include "datapath/kernel/reply.h"

/* Letters of one CPU: more can only be those of a script that answers its own answers. */
#define MAX_LETTERS 4096
/* What ordinary users' may fill of it: the rest is the machine's own. */
#define MAX_USER_LETTERS 1024

enum way { GO_ON, GO_AGAIN, REPLY };

struct letter {
  struct list_head link;
  struct sk_buff* skb;
  struct place place;
  enum way way;
  unsigned int times;
};

/* One per CPU. */
struct outbox {
  spinlock_t lock; /* of the list; others look in only to forget a namespace */
  struct list_head letters;
  unsigned int count; /* of them */
  struct tasklet_struct tasklet;
  /* What is entering its hook again just now. */
  const struct sk_buff* again;
  unsigned int times;
};

static DEFINE_PER_CPU(struct outbox, outboxes);

/* Errors: false, the outbox is full. */
static bool add(struct outbox* outbox, struct letter* letter) {
  const bool is_users = is_ordinary_users(letter->place.hook.net);
  bool has_room;

  spin_lock(&outbox->lock);
  has_room = outbox->count < (is_users ? MAX_USER_LETTERS : MAX_LETTERS);
  if (has_room) {
    list_add_tail(&letter->link, &outbox->letters);
    ++outbox->count;
  }
  spin_unlock(&outbox->lock);
  return has_room;
}

static const char* put(struct sk_buff* skb, const struct place* place, enum way way,
                       unsigned int times) {
  struct letter* letter = kmalloc(sizeof(*letter), GFP_ATOMIC | __GFP_NOWARN);
  struct outbox* outbox = this_cpu_ptr(&outboxes);

  if (!letter) return "not enough memory";
  *letter = (struct letter){.skb = skb, .place = *place, .way = way, .times = times};
  if (!add(outbox, letter)) {
    kfree(letter);
    return "this CPU's queue of packets to send is full (" __stringify(
        MAX_LETTERS) " packets, " __stringify(MAX_USER_LETTERS) " for user namespaces)";
  }
  tasklet_schedule(&outbox->tasklet);
  return NULL;
}

const char* outbox_go_on(struct sk_buff* skb, const struct place* place) {
  return put(skb, place, GO_ON, 0);
}

const char* outbox_go_again(struct sk_buff* skb, const struct place* place, unsigned int times) {
  return put(skb, place, GO_AGAIN, times);
}

const char* outbox_reply(struct sk_buff* skb, const struct place* place) {
  return put(skb, place, REPLY, 0);
}

void nflua_outbox_untrack(const struct nf_conntrack* connection) {
  struct outbox* outbox = this_cpu_ptr(&outboxes);
  struct letter* letter;

  spin_lock(&outbox->lock);
  list_for_each_entry(letter, &outbox->letters, link) {
    if (letter->way != REPLY || skb_nfct(letter->skb) != connection) continue;
    nf_reset_ct(letter->skb);
    nf_ct_set(letter->skb, NULL, IP_CT_UNTRACKED);
  }
  spin_unlock(&outbox->lock);
}

unsigned int outbox_times(const struct sk_buff* skb) {
  const struct outbox* outbox = this_cpu_ptr(&outboxes);

  return outbox->again == skb ? outbox->times : 0;
}

static void enter_again(struct outbox* outbox, struct letter* letter) {
  const struct nf_hook_state* hook = &letter->place.hook;

  outbox->again = letter->skb;
  outbox->times = letter->times;
  NF_HOOK(hook->pf, hook->hook, hook->net, hook->sk, letter->skb, hook->in, hook->out, hook->okfn);
  outbox->again = NULL;
}

static void go_on(struct sk_buff* skb, const struct nf_hook_state* hook) {
  if (nflua_connection_go_on(skb, hook))
    hook->okfn(hook->net, hook->sk, skb);
  else
    kfree_skb(skb);
}

static void deliver(struct outbox* outbox, struct letter* letter) {
  const struct nf_hook_state* hook = &letter->place.hook;

  switch (letter->way) {
    case GO_ON:
      go_on(letter->skb, hook);
      break;
    case GO_AGAIN:
      enter_again(outbox, letter);
      break;
    case REPLY:
      reply_leave(letter->skb, hook);
      break;
  }
  place_release(&letter->place);
  kfree(letter);
}

static void discard(struct letter* letter) {
  kfree_skb(letter->skb);
  place_release(&letter->place);
  kfree(letter);
}

static struct letter* take_first(struct outbox* outbox) {
  struct letter* letter;

  spin_lock(&outbox->lock);
  letter = list_first_entry_or_null(&outbox->letters, struct letter, link);
  if (letter) {
    list_del(&letter->link);
    --outbox->count;
  }
  spin_unlock(&outbox->lock);
  return letter;
}

/* For a tick: each may meet a script that takes its time. The rest comes when others had their
 * turn.
 */
static void deliver_some(struct tasklet_struct* tasklet) {
  struct outbox* outbox = from_tasklet(outbox, tasklet, tasklet);
  const unsigned long end = jiffies + 1;
  struct letter* letter;

  rcu_read_lock();
  while ((letter = take_first(outbox))) {
    if (place_is_unloaded(&letter->place))
      discard(letter);
    else
      deliver(outbox, letter);
    if (!time_after(jiffies, end)) continue;
    tasklet_schedule(tasklet);
    break;
  }
  rcu_read_unlock();
}

static bool is_gone(const struct place* place, const struct net* net) {
  return place->hook.net == net || place_is_unloaded(place);
}

static void forget_here(struct outbox* outbox, const struct net* net) {
  struct letter *letter, *next;

  spin_lock_bh(&outbox->lock);
  list_for_each_entry_safe(letter, next, &outbox->letters, link) {
    if (!is_gone(&letter->place, net)) continue;
    list_del(&letter->link);
    --outbox->count;
    discard(letter);
  }
  spin_unlock_bh(&outbox->lock);
}

void outbox_forget(struct net* net) {
  int cpu;

  for_each_possible_cpu(cpu) forget_here(per_cpu_ptr(&outboxes, cpu), net);
}

void outbox_wait(void) { synchronize_rcu(); }

void outbox_open(void) {
  int cpu;

  for_each_possible_cpu(cpu) {
    struct outbox* outbox = per_cpu_ptr(&outboxes, cpu);

    spin_lock_init(&outbox->lock);
    INIT_LIST_HEAD(&outbox->letters);
    tasklet_setup(&outbox->tasklet, deliver_some);
  }
}

/* Every namespace is gone: so is what was in here. */
void outbox_close(void) {
  int cpu;

  for_each_possible_cpu(cpu) tasklet_kill(&per_cpu_ptr(&outboxes, cpu)->tasklet);
}
