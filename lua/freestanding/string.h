/* SPDX-License-Identifier: GPL-2.0-or-later
 * The string functions that may be called where there is no libc: Linux exports each to its
 * modules. tools/module-symbols.txt is the same list, for the linker's view.
 */
#ifndef NFLUA_FREESTANDING_STRING_H
#define NFLUA_FREESTANDING_STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void* memchr(const void* in, int byte, size_t size);
int memcmp(const void* a, const void* b, size_t size);
void* memcpy(void* to, const void* from, size_t size);
void* memmove(void* to, const void* from, size_t size);
void* memset(void* to, int byte, size_t size);
char* strchr(const char* in, int character);
int strcmp(const char* a, const char* b);
char* strcpy(char* to, const char* from);
size_t strlen(const char* text);
int strncmp(const char* a, const char* b, size_t size);
size_t strnlen(const char* text, size_t most);
char* strpbrk(const char* in, const char* set);
size_t strspn(const char* text, const char* set);
char* strstr(const char* in, const char* text);

/* lauxlib.c's word for why a file can't be loaded: none can (stdio.h). */
static inline const char* strerror(int) { return "no files here"; }

#ifdef __cplusplus
}
#endif

#endif
