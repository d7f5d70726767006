// SPDX-License-Identifier: GPL-2.0-or-later
// Memory objects as other bindings use them. The script's side is engine/lua/memory.cpp.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

/// A userdata: writable bytes with identity. Its owner may change; the object stays.
struct Memory : Object {
  static constexpr ObjectKind kKind = ObjectKind::memory;
  enum class Type : uint8_t {
    fixed,      ///< the bytes follow the object in the same userdata
    resizable,  ///< the bytes are a block of the state's allocator
    other,      ///< a reference: the bytes are someone else's, who empties it when they go
  };
  Type type;
  uint8_t* data;
  size_t size;

  MutableBytes bytes() { return {data, size}; }
};

/// Pushes a reference to `bytes`. Whoever owns them calls clear_reference before they go.
Memory& push_memory_reference(lua_State* L, MutableBytes bytes);
void clear_reference(Memory& memory);

/// The memory at `arg`. Errors: raises for anything else.
Memory& check_memory(lua_State* L, int arg);
/// The bytes of a string or a memory at `arg`. Borrows: from the value on the stack, until it goes
/// or a memory is resized. Errors: raises for anything else (numbers are taken as strings).
Bytes check_bytes(lua_State* L, int arg);

/// Turns optional arguments i and j (as of string.sub; defaults `first` and -1) into an offset from
/// 0 and a count within `size`; an empty range has count 0.
struct Range {
  size_t offset;
  size_t count;
};
Range check_range(lua_State* L, int arg_i, size_t size, lua_Integer default_i = 1);

}  // namespace nflua
