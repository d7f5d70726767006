/* SPDX-License-Identifier: GPL-2.0-or-later
 * C's vsnprintf without a libc, for all that Lua formats but floating-point numbers, which
 * lua/double/print.cpp prints. A kernel's own vsnprintf differs from C's: %p, %#o, %.0d …
 *
 * Conversions: d i u o x X c s p %, with the flags "-+ #0", width and precision in digits, and the
 * lengths l and ll. The bytes are glibc's.
 * Context: any; nothing is allocated or kept.
 */
#ifndef NFLUA_FREESTANDING_FORMAT_TEXT_H
#define NFLUA_FREESTANDING_FORMAT_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the length of the whole text, also of what did not fit.
 * Requires: a format of the above. */
int nflua_format_text(char* to, size_t size, const char* format, va_list arguments);

/* What %p shows of an address: the same for the same address, so that a table has one text, and
 * nothing that tells where a kernel keeps it. Whoever links this supplies it. */
unsigned long nflua_hide_pointer(const void* pointer);

#ifdef __cplusplus
}
#endif

#endif
