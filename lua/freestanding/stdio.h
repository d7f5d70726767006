/* SPDX-License-Identifier: GPL-2.0-or-later
 * lauxlib.h declares a stream that holds a FILE*; nothing in the engine has files. */
#ifndef NFLUA_FREESTANDING_STDIO_H
#define NFLUA_FREESTANDING_STDIO_H

#define BUFSIZ 512

typedef struct nflua_no_file FILE;

#endif
