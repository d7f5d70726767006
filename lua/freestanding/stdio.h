/* SPDX-License-Identifier: GPL-2.0-or-later
 * lauxlib.c can load files, and lauxlib.h declares a stream: here, every file is missing. What no
 * state of ours calls is inline, so that nothing is left of it but a failure.
 */
#ifndef NFLUA_FREESTANDING_STDIO_H
#define NFLUA_FREESTANDING_STDIO_H

#include <stdarg.h>
#include <stddef.h>

#include "lua/freestanding/format_text.h"

#define BUFSIZ 16
#define EOF (-1)

typedef struct nflua_no_file FILE;
#define stdin ((FILE*)NULL)

static inline FILE* fopen(const char*, const char*) { return NULL; }
static inline FILE* freopen(const char*, const char*, FILE*) { return NULL; }
static inline int fclose(FILE*) { return EOF; }
static inline int getc(FILE*) { return EOF; }
static inline size_t fread(void*, size_t, size_t, FILE*) { return 0; }
static inline int feof(FILE*) { return 1; }
static inline int ferror(FILE*) { return 1; }

#define vsnprintf nflua_format_text

#endif
