/* SPDX-License-Identifier: GPL-2.0-or-later
 * Packets that scripts hold. Each is in its state's list, under the state's lock.
 */
#ifndef NFLUA_DATAPATH_KERNEL_HELD_H
#define NFLUA_DATAPATH_KERNEL_HELD_H

#include <linux/list.h>

#include "datapath/kernel/packet.h"
#include "datapath/kernel/place.h"

struct held_packet {
  struct list_head link;
  struct packet_view view; /* its hook is that of `place` */
  struct place place;
  struct account* account;
  unsigned long bytes; /* that the account gave for it */
  /* Of its place, something went: the bytes stay for the script, but it can't go on. */
  bool is_cut_off;
};

/* The packet lets go of all that it refers to, but not of its bytes: the script may look at them.
 */
void held_cut_off(struct held_packet* held);

#endif
