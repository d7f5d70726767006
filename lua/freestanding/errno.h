/* SPDX-License-Identifier: GPL-2.0-or-later
 * lauxlib.c reads it where a file could not be loaded; nothing sets it.
 */
#ifndef NFLUA_FREESTANDING_ERRNO_H
#define NFLUA_FREESTANDING_ERRNO_H

#define errno 0

#endif
