// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/memory.hpp"

namespace nflua {
namespace {

constexpr const char* kMemoryType = "memory";
/// The metatable of those that can be to-be-closed variables; scripts see kMemoryType.
constexpr const char* kClosableMemoryType = "memory.closable";

/// Index of the user value that keeps the bytes alive: a resizable memory's block, a reference's
/// owner.
constexpr int kKeeper = 1;

Memory& push_memory(lua_State* L, Memory::Type type, size_t inline_bytes) {
  const bool is_fixed = type == Memory::Type::fixed;
  void* block = lua_newuserdatauv(L, sizeof(Memory) + inline_bytes, is_fixed ? 0 : kKeeper);
  auto& memory = *static_cast<Memory*>(block);
  memory = {{Memory::kKind}, type, nullptr, 0};
  luaL_setmetatable(L, is_fixed ? kMemoryType : kClosableMemoryType);
  return memory;
}

size_t clip_first(lua_Integer i, size_t size) {
  if (i > 0) return size_t(i) - 1;
  const size_t from_end = size_t{0} - size_t(i);
  return i == 0 || from_end > size ? 0 : size - from_end;
}

/// The offset behind the last byte.
size_t clip_last(lua_Integer j, size_t size) {
  if (j >= 0) return size_t(j) < size ? size_t(j) : size;
  const size_t from_end = size_t{0} - size_t(j);
  return from_end > size ? 0 : size - from_end + 1;
}

}  // namespace

Memory& push_fixed_memory(lua_State* L, size_t size) {
  Memory& memory = push_memory(L, Memory::Type::fixed, size);
  memory.data = reinterpret_cast<uint8_t*>(&memory + 1);
  memory.size = size;
  return memory;
}

Memory& push_resizable_memory(lua_State* L) { return push_memory(L, Memory::Type::resizable, 0); }

Memory& push_memory_reference(lua_State* L, MutableBytes bytes, int owner) {
  Memory& memory = push_memory(L, Memory::Type::other, 0);
  if (owner) {
    lua_pushvalue(L, owner);
    lua_setiuservalue(L, -2, kKeeper);
  }
  memory.data = bytes.data();
  memory.size = bytes.size();
  return memory;
}

void clear_reference(Memory& memory) {
  memory.data = nullptr;
  memory.size = 0;
}

void push_block(lua_State* L, int memory_index) { lua_getiuservalue(L, memory_index, kKeeper); }

void set_block(lua_State* L, int memory_index, size_t size) {
  auto& memory = *static_cast<Memory*>(lua_touserdata(L, memory_index));
  memory.data = static_cast<uint8_t*>(lua_touserdata(L, -1));
  memory.size = size;
  lua_setiuservalue(L, memory_index, kKeeper);
}

void close_memory(lua_State* L, int memory_index) {
  auto& memory = *static_cast<Memory*>(lua_touserdata(L, memory_index));
  clear_reference(memory);
  memory.type = Memory::Type::other;
  lua_pushnil(L);
  lua_setiuservalue(L, memory_index, kKeeper);
}

void register_memory(lua_State* L, const luaL_Reg* functions, lua_CFunction close) {
  new_metatable(L, kMemoryType, functions);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__index");
  new_metatable(L, kClosableMemoryType, functions);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, close);
  lua_setfield(L, -2, "__close");
  lua_pushstring(L, kMemoryType);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__name");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

Memory& check_memory(lua_State* L, int arg) { return check_object<Memory>(L, arg, kMemoryType); }

Bytes check_bytes(lua_State* L, int arg) {
  if (const Memory* memory = to_object<Memory>(L, arg)) {
    const Bytes bytes = memory->bytes();
    hold_bytes(L, arg, *memory);
    return bytes;
  }
  size_t size = 0;
  const char* text = lua_tolstring(L, arg, &size);
  if (!text) luaL_typeerror(L, arg, "string or memory");
  return {text, size};
}

Range clip_range(lua_Integer i, lua_Integer j, size_t size) {
  const size_t first = clip_first(i, size);
  const size_t end = clip_last(j, size);
  return {first, first < end ? end - first : 0};
}

Range check_range(lua_State* L, int arg_i, size_t size) {
  return clip_range(luaL_optinteger(L, arg_i, 1), luaL_optinteger(L, arg_i + 1, -1), size);
}

size_t check_offset(lua_State* L, int arg, size_t size) {
  return clip_first(luaL_optinteger(L, arg, 1), size);
}

}  // namespace nflua
