// SPDX-License-Identifier: GPL-2.0-or-later
// xt_lua.ko: packet filters written in Lua, inside the kernel. How it hangs together:
// docs/kernel-internals.md.
#include "datapath/kernel/world.h"

#include "datapath/kernel/gone.h"
#include "datapath/kernel/hook.h"
#include "datapath/kernel/netlink.h"
#include "datapath/kernel/outbox.h"
#include "datapath/kernel/states.h"
#include "datapath/kernel/timers.h"

static void close_all(void) {
  gone_close();
  states_close();
  timers_close();
  outbox_close();
}

static int open_states(void) {
  int error;

  world_open();
  outbox_open();
  error = timers_open();
  if (error) return error;
  error = states_open();
  if (error) goto timers;
  error = gone_open();
  if (error) goto states;
  return 0;
states:
  states_close();
timers:
  timers_close();
  return error;
}

/* Who uses states comes after them, and ends before. Clients come last: once they have sockets,
 * nothing may fail. */
static int __init open_module(void) {
  int error = open_states();

  if (error) return error;
  error = hook_open();
  if (error) goto states;
  error = netlink_open();
  if (error) goto hook;
  return 0;
hook:
  hook_close();
states:
  close_all();
  return error;
}

static void __exit close_module(void) {
  netlink_close();
  hook_close();
  close_all();
}

module_init(open_module);
module_exit(close_module);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Packet filters written in Lua: match lua, target LUA");
MODULE_ALIAS("ipt_lua");
MODULE_ALIAS("ip6t_lua");
MODULE_ALIAS("ipt_LUA");
MODULE_ALIAS("ip6t_LUA");
