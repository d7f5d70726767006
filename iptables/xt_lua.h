/* SPDX-License-Identifier: GPL-2.0-or-later
 * What iptables' plug-ins hand to the kernel module: the options of one `-m lua` or `-j LUA`.
 * The same layout as the original's, revision 0.
 */
#ifndef NFLUA_IPTABLES_XT_LUA_H
#define NFLUA_IPTABLES_XT_LUA_H

#include <linux/types.h>

#define XT_LUA_NAME_BYTES 64 /* the final zero included */

enum {
  XT_LUA_TCP_PAYLOAD = 1, /* only TCP packets that carry payload */
};

struct xt_lua_info {
  char state[XT_LUA_NAME_BYTES];
  char function[XT_LUA_NAME_BYTES];
  __u8 flags;
  /* The kernel's own, not compared and not shown to users: what a rule keeps of its state. */
  void* rule __attribute__((aligned(8)));
};

#endif
