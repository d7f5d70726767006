/* SPDX-License-Identifier: GPL-2.0-or-later
 * lauxlib.c has an allocator that no state of ours is given: it never has memory. ldo.c gives up
 * when an error is raised outside every protected call.
 */
#ifndef NFLUA_FREESTANDING_STDLIB_H
#define NFLUA_FREESTANDING_STDLIB_H

#include <stddef.h>

static inline void* realloc(void*, size_t) { return NULL; }
static inline void free(void*) {}

static inline int abs(int number) { return number < 0 ? -number : number; }

/* In a kernel: an oops that names the place. */
[[noreturn]] static inline void abort() { __builtin_trap(); }

#endif
