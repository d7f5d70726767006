/* SPDX-License-Identifier: GPL-2.0-or-later
 * The string functions that may be called where there is no libc. Linux exports each to its modules
 * (tools/module-symbols.txt is the same list, for the linker's view), but for memchr: its own goes
 * byte by byte.
 */
#ifndef NFLUA_FREESTANDING_STRING_H
#define NFLUA_FREESTANDING_STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* Eight bytes at once, as long as none of them is the one. */
static inline void* memchr(const void* in, int byte, size_t size) {
  const unsigned long long each_byte = 0x0101010101010101;
  const unsigned char wanted = (unsigned char)byte;
  const unsigned char* at = (const unsigned char*)in;
  const unsigned char* const end = at + size;
  unsigned long long word;
  for (; (size_t)(end - at) >= sizeof(word); at += sizeof(word)) {
    __builtin_memcpy(&word, at, sizeof(word));
    word ^= wanted * each_byte;
    if ((word - each_byte) & ~word & (each_byte << 7)) break;
  }
  for (; at != end; ++at)
    if (*at == wanted) return (void*)at;
  return NULL;
}

/* lauxlib.c's word for why a file can't be loaded: none can (stdio.h). */
static inline const char* strerror(int) { return "no files here"; }

#ifdef __cplusplus
}
#endif

#endif
