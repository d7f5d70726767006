/* SPDX-License-Identifier: GPL-2.0-or-later
 * The bounds of a state that can be set: the only list, which structures, messages, options, the
 * module's parameters and JSON expand from. engine/limits.hpp has the bounds that can't. C and C++;
 * includes nothing.
 *
 *   X(key, type, wire, parameter, default, kernel_default, least, meaning)
 *
 * key: in JSON and for Lua programs; the option is --max-… of the same words. type: in the engine.
 * wire: in messages. parameter: the type of the module's parameter. least: that the option takes;
 * 0 forbids what is bounded.
 */
#ifndef NFLUA_ENGINE_LIMITS_H
#define NFLUA_ENGINE_LIMITS_H

// clang-format off
/* Set when the state is made. Bytes. */
#define NFLUA_BIRTH_LIMITS(X) \
  X(max_bytes, size_t, uint64_t, ulong, 64UL << 20, 1UL << 20, 32768, \
    "Bytes that the state's Lua objects may take")

/* Set at any time, by LIMITS (control/protocol.h), in which 0 leaves a bound as it is. Units: steps
 * (docs/lua-api.md, "Bounds") of the first two. */
#define NFLUA_RUNNING_LIMITS(X) \
  X(max_instructions, int64_t, uint64_t, ulong, 1000000, 100000, 1, \
    "Instructions of one call of a callback") \
  X(max_load_instructions, int64_t, uint64_t, ulong, 50000000, 5000000, 1, \
    "Instructions of loading the script") \
  X(max_timers, uint32_t, uint32_t, uint, 4096, 4096, 0, \
    "Timers armed at one time") \
  X(max_held_packets, uint32_t, uint32_t, uint, 1024, 1024, 0, \
    "Packets stolen and not yet sent or closed") \
  X(max_held_bytes, size_t, uint64_t, ulong, 16UL << 20, 16UL << 20, 0, \
    "Bytes of packets stolen and not yet sent or closed")
// clang-format on

#define NFLUA_STATE_LIMITS(X) NFLUA_BIRTH_LIMITS(X) NFLUA_RUNNING_LIMITS(X)

#endif
