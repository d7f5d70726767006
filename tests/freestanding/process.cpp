// SPDX-License-Identifier: GPL-2.0-or-later
// What Lua without a libc asks of whoever links it, for tests that are no kernel.
#include "lua/freestanding/format_text.h"
#include "lua/meter.h"

unsigned long nflua_hide_pointer(const void* pointer) {
  return reinterpret_cast<unsigned long>(pointer);
}

/// As other processes have it.
size_t host_stack_bytes(bool) { return 192 << 10; }
