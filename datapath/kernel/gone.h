/* SPDX-License-Identifier: GPL-2.0-or-later
 * What held packets refer to, and goes before them: devices, the code that they go on in, sockets
 * that were closed. A script may hold a packet for ever; nothing may have to wait for it.
 */
#ifndef NFLUA_DATAPATH_KERNEL_GONE_H
#define NFLUA_DATAPATH_KERNEL_GONE_H

struct held_packet;

/* Of a packet that is held from now on. */
void gone_watch_sockets_of(const struct held_packet* held);

/* Of the module. Errors: -errno. */
int gone_open(void);
void gone_close(void);

#endif
