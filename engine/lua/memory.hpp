// SPDX-License-Identifier: GPL-2.0-or-later
// Memory objects as other bindings use them (engine/lua/memory_object.cpp). The script's side is
// engine/lua/memory.cpp.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

/// A userdata: writable bytes with identity. Its owner may change; the object stays.
/// All that it owns are Lua objects, so the collector counts, paces and frees them: no finalizer.
/// As long as it is on the stack, nothing but a call that resizes, closes or ends takes its bytes.
struct Memory : Object {
  static constexpr ObjectKind kKind = ObjectKind::memory;
  enum class Type : uint8_t {
    fixed,      ///< the bytes follow the object in the same userdata
    resizable,  ///< the bytes are a userdata of their own, which is this one's user value
    other,      ///< a reference: the bytes are someone else's, who empties it when they go
  };
  Type type;
  uint8_t* data;
  size_t size;

  MutableBytes bytes() const { return {data, size}; }
};

/// Pushes a fixed memory whose bytes are not set yet.
Memory& push_fixed_memory(lua_State* L, size_t size);
/// Pushes an empty memory; set_block gives it bytes.
Memory& push_resizable_memory(lua_State* L);
/// Pushes a reference to `bytes`. Whoever owns them calls clear_reference before they go. `owner`:
/// index below the top of the object whose finalizer would do so; the reference keeps it alive, so
/// that no collection can take the bytes from a function that reads them. 0: there is none.
Memory& push_memory_reference(lua_State* L, MutableBytes bytes, int owner = 0);
void clear_reference(Memory& memory);

/// Pushes the userdata that holds a resizable memory's bytes, or nil.
void push_block(lua_State* L, int memory_index);
/// Pops a userdata and makes the first `size` bytes of it those of the resizable memory.
void set_block(lua_State* L, int memory_index, size_t size);
/// Where there are finalizers: replaces a resizable memory at `arg` by the block that holds its
/// bytes, so that one that resizes or closes it can't take them from the function that now runs.
inline void hold_bytes(lua_State* L, int arg, const Memory& memory) {
  if (!nflua_has_finalizers || memory.type != Memory::Type::resizable) return;
  push_block(L, arg);
  lua_replace(L, arg);
}
/// Empties a memory that is not fixed, which becomes one of type `other`.
void close_memory(lua_State* L, int memory_index);

/// Makes the metatables, with `functions` as metamethods, and the module at the stack's top as
/// what objects are indexed with.
void register_memory(lua_State* L, const luaL_Reg* functions, lua_CFunction close);

/// The memory at `arg`. Errors: raises for anything else.
Memory& check_memory(lua_State* L, int arg);

/// The bytes of a string, a number's text, or a memory at `arg`. Errors: raises for anything else.
/// Borrows: from the value on the stack, until a memory is resized, closed, or ended by its owner.
/// Where there are finalizers, holds them as hold_bytes() does.
Bytes check_bytes(lua_State* L, int arg);

/// A part of some bytes: an offset from 0, and a count that does not leave them.
struct Range {
  size_t offset;
  size_t count;
};
/// Turns i and j as of string.sub into a range within `size`; an empty one has count 0.
Range clip_range(lua_Integer i, lua_Integer j, size_t size);
/// The range of the optional arguments i and j (defaults 1 and -1) at `arg_i` and behind it.
Range check_range(lua_State* L, int arg_i, size_t size);
/// The offset from 0 of the optional position (default 1) at `arg`: negative ones count from the
/// end, what is before the first byte is 0. May be past the end.
size_t check_offset(lua_State* L, int arg, size_t size);

}  // namespace nflua
