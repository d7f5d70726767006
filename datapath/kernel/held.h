/* SPDX-License-Identifier: GPL-2.0-or-later
 * Packets that scripts hold. Each is in its state's list, under the state's lock.
 */
#ifndef NFLUA_DATAPATH_KERNEL_HELD_H
#define NFLUA_DATAPATH_KERNEL_HELD_H

/* Of the module: learns of devices that go. Errors: -errno. */
int held_open(void);
void held_close(void);

#endif
