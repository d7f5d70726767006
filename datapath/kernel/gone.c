// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/kernel/world.h"

#include "datapath/kernel/gone.h"

#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "datapath/kernel/held.h"
#include "datapath/kernel/outbox.h"
#include "datapath/kernel/states.h"

/* A socket keeps its network namespace. Once its process has closed it, no packet shall keep it:
 * the script may hold it for ever. */
static void check_sockets(struct work_struct* work);
static DECLARE_DELAYED_WORK(socket_check, check_sockets);
#define SOCKET_CHECK_JIFFIES HZ

static void check_sockets_soon(void) { schedule_delayed_work(&socket_check, SOCKET_CHECK_JIFFIES); }

void gone_watch_sockets_of(const struct held_packet* held) {
  if (held->view.skb->sk || held->place.hook.sk) check_sockets_soon();
}

static void check_sockets_of(struct state* state, void* argument) {
  bool* is_any_left = argument;
  struct held_packet* held;

  spin_lock_bh(&state->lock);
  list_for_each_entry(held, &state->held, link) {
    if (place_forget_closed_sockets(&held->place, held->view.skb)) *is_any_left = true;
  }
  spin_unlock_bh(&state->lock);
}

static void check_sockets(struct work_struct* work) {
  bool is_any_left = false;

  states_for_each(NULL, check_sockets_of, &is_any_left);
  if (is_any_left) check_sockets_soon();
}

static void cut_off_from(struct state* state, void* device) {
  struct held_packet* held;

  spin_lock_bh(&state->lock);
  list_for_each_entry(held, &state->held, link) {
    if (place_names(&held->place, device)) held_cut_off(held);
  }
  spin_unlock_bh(&state->lock);
}

/* A device waits for ever for the last who refers to it. */
static int device_changed(struct notifier_block* self, unsigned long event, void* info) {
  struct net_device* device = netdev_notifier_info_to_dev(info);

  if (event == NETDEV_DOWN || event == NETDEV_UNREGISTER)
    states_for_each(dev_net(device), cut_off_from, device);
  return NOTIFY_DONE;
}

static void cut_off_from_unloaded(struct state* state, void* unused) {
  struct held_packet* held;

  spin_lock_bh(&state->lock);
  list_for_each_entry(held, &state->held, link) {
    if (place_is_unloaded(&held->place)) held_cut_off(held);
  }
  spin_unlock_bh(&state->lock);
}

/* No packet comes to that module any more; those that are on their way back to it are waited for,
 * as they may yet be held. */
static int module_changed(struct notifier_block* self, unsigned long event, void* module) {
  static DEFINE_MUTEX(one_at_a_time);

  if (event != MODULE_STATE_GOING) return NOTIFY_DONE;
  mutex_lock(&one_at_a_time);
  place_unload(module);
  outbox_forget(NULL);
  outbox_wait();
  states_for_each(NULL, cut_off_from_unloaded, NULL);
  outbox_forget(NULL);
  outbox_wait();
  place_unload(NULL);
  mutex_unlock(&one_at_a_time);
  return NOTIFY_DONE;
}

static struct notifier_block devices = {.notifier_call = device_changed};
static struct notifier_block modules = {.notifier_call = module_changed};

int gone_open(void) {
  const int error = register_netdevice_notifier(&devices);

  if (error) return error;
  register_module_notifier(&modules); /* which never fails */
  return 0;
}

void gone_close(void) {
  unregister_module_notifier(&modules);
  unregister_netdevice_notifier(&devices);
  cancel_delayed_work_sync(&socket_check);
}
