// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/outbox.h"

#include <linux/interrupt.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "datapath/kernel/reply.h"

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
  struct tasklet_struct tasklet;
  /* What is entering its hook again just now. */
  const struct sk_buff* again;
  unsigned int times;
};

static DEFINE_PER_CPU(struct outbox, outboxes);

static bool put(struct sk_buff* skb, const struct place* place, enum way way, unsigned int times) {
  struct letter* letter = kmalloc(sizeof(*letter), GFP_ATOMIC | __GFP_NOWARN);
  struct outbox* outbox = this_cpu_ptr(&outboxes);

  if (!letter) return false;
  *letter = (struct letter){.skb = skb, .place = *place, .way = way, .times = times};
  spin_lock(&outbox->lock);
  list_add_tail(&letter->link, &outbox->letters);
  spin_unlock(&outbox->lock);
  tasklet_schedule(&outbox->tasklet);
  return true;
}

bool outbox_go_on(struct sk_buff* skb, const struct place* place) {
  return put(skb, place, GO_ON, 0);
}

bool outbox_go_again(struct sk_buff* skb, const struct place* place, unsigned int times) {
  return put(skb, place, GO_AGAIN, times);
}

bool outbox_reply(struct sk_buff* skb, const struct place* place) {
  return put(skb, place, REPLY, 0);
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

/* The last of a packet's hooks makes conntrack remember its connection: that must not be skipped
 * with what else is left there. */
static void go_on(struct sk_buff* skb, const struct nf_hook_state* hook) {
  const bool is_last = hook->hook == NF_INET_LOCAL_IN || hook->hook == NF_INET_POST_ROUTING;

  if (is_last && nf_conntrack_confirm(skb) != NF_ACCEPT)
    kfree_skb(skb);
  else
    hook->okfn(hook->net, hook->sk, skb);
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

/* What is added meanwhile waits for the next round, so that others get their turn. */
static void deliver_all(struct tasklet_struct* tasklet) {
  struct outbox* outbox = from_tasklet(outbox, tasklet, tasklet);
  struct letter* letter;
  LIST_HEAD(letters);

  rcu_read_lock();
  spin_lock(&outbox->lock);
  list_splice_init(&outbox->letters, &letters);
  spin_unlock(&outbox->lock);
  while ((letter = list_first_entry_or_null(&letters, struct letter, link))) {
    list_del(&letter->link);
    deliver(outbox, letter);
  }
  rcu_read_unlock();
}

static void discard(struct letter* letter) {
  kfree_skb(letter->skb);
  place_release(&letter->place);
  kfree(letter);
}

static void forget_here(struct outbox* outbox, const struct net* net) {
  struct letter *letter, *next;

  spin_lock_bh(&outbox->lock);
  list_for_each_entry_safe(letter, next, &outbox->letters, link) {
    if (letter->place.hook.net != net) continue;
    list_del(&letter->link);
    discard(letter);
  }
  spin_unlock_bh(&outbox->lock);
}

void outbox_forget(struct net* net) {
  int cpu;

  for_each_possible_cpu(cpu) forget_here(per_cpu_ptr(&outboxes, cpu), net);
  synchronize_rcu();
}

void outbox_open(void) {
  int cpu;

  for_each_possible_cpu(cpu) {
    struct outbox* outbox = per_cpu_ptr(&outboxes, cpu);

    spin_lock_init(&outbox->lock);
    INIT_LIST_HEAD(&outbox->letters);
    tasklet_setup(&outbox->tasklet, deliver_all);
  }
}

void outbox_close(void) {
  int cpu;

  for_each_possible_cpu(cpu) tasklet_kill(&per_cpu_ptr(&outboxes, cpu)->tasklet);
}
