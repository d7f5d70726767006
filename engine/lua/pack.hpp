// SPDX-License-Identifier: GPL-2.0-or-later
// Formats between Lua's stack and bytes: what pkt:unpack, memory.pack and memory.unpack share.
//
//   when the module opens:  push_format_cache(L), as an upvalue of the functions that use formats
//   in such a function:     check_format(L, arg, lua_upvalueindex(1)) → push_unpacked | push_packed
//
// A state has one cache: a compiled format is found by the address of the Lua string that it came
// from, which the cache keeps alive, so that the address can't come to mean another text.
#pragma once

#include "engine/format.hpp"
#include "engine/lua/binding.hpp"

namespace nflua {

/// Pushes the state's cache, made on first use.
void push_format_cache(lua_State* L);

/// The compiled format of the string at `arg`. Borrows: until the next check_format().
/// Errors: raises Lua's own messages for formats.
const Format& check_format(lua_State* L, int arg, int cache_index);

/// Raises "invalid format option 'f'" if the format has floating-point numbers.
void check_no_floats(lua_State* L, const Format& format);

/// The optional position at `arg` (from 1; negative from the end; default 1) as an offset from 0.
/// Errors: an argument error if it is more than one past the end.
size_t check_position(lua_State* L, int arg, size_t size);

/// Pushes the values at `offset`, then the position (from 1) of what follows; returns their number.
/// Requires: offset <= data.size(). Errors: raises; `too_short` is the message of data that ends
/// early.
int push_unpacked(lua_State* L, const Format& format, Bytes data, size_t offset,
                  const char* too_short);

/// Packs the arguments from `first_value` to the top, and makes the results out of them: whether
/// all was packed, the position (from 1) of the first byte not written, the values not packed.
/// Returns their number. An item that does not fit leaves the bytes as they are.
/// Requires: offset <= out.size(). Errors: raises for a value that its item can't hold.
int push_packed(lua_State* L, const Format& format, MutableBytes out, size_t offset,
                int first_value);

}  // namespace nflua
