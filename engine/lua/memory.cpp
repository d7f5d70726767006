// SPDX-License-Identifier: GPL-2.0-or-later
// The module `memory` (docs/lua-api.md). Everywhere: arguments, then the budget, then the work.
#include "engine/lua/memory.hpp"

#include "engine/find.hpp"
#include "engine/lua/pack.hpp"

namespace nflua {
namespace {

/// The upvalue of all functions.
constexpr int kFormatCache = lua_upvalueindex(1);

/// memmove, which an empty view without an address must not reach.
void copy_bytes(uint8_t* to, Bytes from) {
  if (!from.empty()) memmove(to, from.data(), from.size());
}

/// Writes `pattern` again and again. They may overlap: once copied, the pattern is taken from the
/// target's beginning, doubling what is there.
void fill_repeated(MutableBytes target, Bytes pattern) {
  size_t filled = least(target.size(), pattern.size());
  copy_bytes(target.data(), pattern.first(filled));
  while (filled && filled < target.size()) {
    const size_t count = least(filled, target.size() - filled);
    memcpy(target.data() + filled, target.data(), count);
    filled += count;
  }
}

void fill_zero(MutableBytes target) {
  if (!target.empty()) memset(target.data(), 0, target.size());
}

/// The offset of the first byte that differs or that only one of them has.
size_t first_difference(Bytes a, Bytes b) {
  const size_t common = least(a.size(), b.size());
  size_t at = 0;
  while (at < common && a[at] == b[at]) ++at;
  return at;
}

size_t check_size(lua_State* L, int arg) {
  const lua_Integer size = luaL_checkinteger(L, arg);
  luaL_argcheck(L, size >= 0 && size_t(size) <= kMaxStateBytes, arg, "invalid size");
  return size_t(size);
}

uint8_t check_byte(lua_State* L, int arg) {
  const lua_Integer value = luaL_checkinteger(L, arg);
  luaL_argcheck(L, value >= 0 && value <= UINT8_MAX, arg, "value out of range");
  return uint8_t(value);
}

void push_string(lua_State* L, Bytes bytes) {
  if (bytes.size() > kMaxStringBytes) luaL_error(L, "resulting string too large");
  nflua_charge_bytes(L, bytes.size());
  push_bytes(L, bytes);
}

void create_zeroed(lua_State* L, size_t size) {
  const Memory& memory = push_fixed_memory(L, size);
  nflua_charge_bytes(L, size);
  fill_zero(memory.bytes());
}

void create_copy(lua_State* L) {
  const Bytes source = check_bytes(L, 1);
  const Range range = check_range(L, 2, source.size());
  const Memory& memory = push_fixed_memory(L, range.count);
  nflua_charge_bytes(L, range.count);
  copy_bytes(memory.data, source.sub(range.offset, range.count));
}

int memory_create(lua_State* L) {
  if (lua_isnoneornil(L, 1))
    push_resizable_memory(L);
  else if (lua_type(L, 1) == LUA_TNUMBER)
    create_zeroed(L, check_size(L, 1));
  else
    create_copy(L);
  return 1;
}

int memory_type(lua_State* L) {
  luaL_checkany(L, 1);
  const Memory* memory = to_object<Memory>(L, 1);
  if (!memory)
    lua_pushnil(L);
  else if (memory->type == Memory::Type::fixed)
    lua_pushliteral(L, "fixed");
  else if (memory->type == Memory::Type::resizable)
    lua_pushliteral(L, "resizable");
  else
    lua_pushliteral(L, "other");
  return 1;
}

int memory_len(lua_State* L) {
  lua_pushinteger(L, lua_Integer(check_bytes(L, 1).size()));
  return 1;
}

/// Pushes the block that shall hold `size` bytes: the one at `old`, unless it is too small, or so
/// large that it would waste memory.
void push_block_for(lua_State* L, int old, size_t size) {
  const size_t capacity = lua_rawlen(L, old);
  if (size > capacity || size < capacity / 2)
    lua_newuserdatauv(L, size, 0);
  else
    lua_pushvalue(L, old);
}

int memory_resize(lua_State* L) {
  const Memory& memory = check_memory(L, 1);
  luaL_argcheck(L, memory.type == Memory::Type::resizable, 1, "resizable memory expected");
  const size_t size = check_size(L, 2);
  const Bytes pattern = lua_isnoneornil(L, 3) ? Bytes{} : check_bytes(L, 3);
  lua_settop(L, 3);
  push_block(L, 1);
  push_block_for(L, 4, size);
  nflua_charge_bytes(L, size);

  // The pattern may lie in the old block, which is still on the stack.
  const MutableBytes bytes(static_cast<uint8_t*>(lua_touserdata(L, 5)), size);
  const Bytes kept = memory.bytes().first(size);
  copy_bytes(bytes.data(), kept);
  if (pattern.empty())
    fill_zero(bytes.sub(kept.size()));
  else
    fill_repeated(bytes.sub(kept.size()), pattern);
  set_block(L, 1, size);
  return 0;
}

int memory_diff(lua_State* L) {
  const Bytes a = check_bytes(L, 1);
  const Bytes b = check_bytes(L, 2);
  nflua_charge_bytes(L, least(a.size(), b.size()));
  const size_t at = first_difference(a, b);
  const bool equal = at == a.size() && at == b.size();
  if (equal)
    lua_pushnil(L);
  else
    lua_pushinteger(L, lua_Integer(at) + 1);
  lua_pushboolean(L, at < b.size() && (at == a.size() || a[at] < b[at]));
  return 2;
}

int memory_tostring(lua_State* L) {
  const Bytes bytes = check_bytes(L, 1);
  const Range range = check_range(L, 2, bytes.size());
  push_string(L, bytes.sub(range.offset, range.count));
  return 1;
}

int memory_get(lua_State* L) {
  const Bytes bytes = check_bytes(L, 1);
  const lua_Integer i = luaL_checkinteger(L, 2);
  const Range range = clip_range(i, luaL_optinteger(L, 3, i), bytes.size());
  const int values = int(least(range.count, INT32_MAX));
  luaL_checkstack(L, values, "too many bytes");
  nflua_charge(L, range.count);
  for (int k = 0; k < values; ++k) lua_pushinteger(L, bytes[range.offset + k]);
  return values;
}

int memory_set(lua_State* L) {
  constexpr int kFirstValue = 3;
  const Memory& memory = check_memory(L, 1);
  luaL_checkinteger(L, 2);
  const MutableBytes target = memory.bytes().sub(check_offset(L, 2, memory.size));
  const int top = lua_gettop(L);
  nflua_charge(L, size_t(top));
  for (int arg = kFirstValue; arg <= top; ++arg) check_byte(L, arg);
  for (int arg = kFirstValue; arg <= top && size_t(arg - kFirstValue) < target.size(); ++arg)
    target[size_t(arg - kFirstValue)] = check_byte(L, arg);
  return 0;
}

int memory_find(lua_State* L) {
  const Bytes where = check_bytes(L, 1);
  const Bytes what = check_bytes(L, 2);
  const Range range = check_range(L, 3, where.size());
  const Bytes needle = what.sub(check_offset(L, 5, what.size()));
  nflua_charge_search(L, range.count + needle.size());
  const size_t at =
      needle.empty() ? kNotFound : find_bytes(where.sub(range.offset, range.count), needle);
  if (at == kNotFound)
    lua_pushnil(L);
  else
    lua_pushinteger(L, lua_Integer(range.offset + at) + 1);
  return 1;
}

int memory_fill(lua_State* L) {
  const Memory& memory = check_memory(L, 1);
  const bool is_byte = lua_type(L, 2) == LUA_TNUMBER;
  const uint8_t byte = is_byte ? check_byte(L, 2) : uint8_t{0};
  const Bytes source = is_byte ? Bytes(&byte, 1) : check_bytes(L, 2);
  const Range range = check_range(L, 3, memory.size);
  const size_t offset = check_offset(L, 5, source.size());
  nflua_charge_bytes(L, range.count);
  fill_repeated(memory.bytes().sub(range.offset, range.count),
                is_byte ? source : source.sub(offset));
  return 0;
}

int memory_pack(lua_State* L) {
  constexpr int kFirstValue = 4;
  const Memory& memory = check_memory(L, 1);
  const Format& format = check_format(L, 2, kFormatCache);
  luaL_checkinteger(L, 3);
  const MutableBytes bytes = memory.bytes();
  const size_t offset = check_position(L, 3, bytes.size());
  hold_bytes(L, 1, memory);
  return push_packed(L, format, bytes, offset, kFirstValue);
}

int memory_unpack(lua_State* L) {
  const Bytes bytes = check_bytes(L, 1);
  const Format& format = check_format(L, 2, kFormatCache);
  const size_t offset = check_position(L, 3, bytes.size());
  return push_unpacked(L, format, bytes, offset, "data string too short");
}

/// Whether that operand is none of ours, but one that says how it is put together with others.
bool has_own_concat(lua_State* L, int arg) {
  if (lua_isstring(L, arg) || to_object<Memory>(L, arg)) return false;
  return luaL_getmetafield(L, arg, "__concat") != LUA_TNIL;
}

int memory_concat(lua_State* L) {
  // Lua asks the left operand first, which is a memory if this is about the right one.
  if (has_own_concat(L, 2)) {
    lua_insert(L, 1);
    lua_settop(L, 3);
    lua_call(L, 2, 1);
    return 1;
  }
  const Bytes left = check_bytes(L, 1);
  const Bytes right = check_bytes(L, 2);
  push_string(L, left);
  push_string(L, right);
  lua_concat(L, 2);
  return 1;
}

int memory_close(lua_State* L) {
  check_memory(L, 1);
  close_memory(L, 1);
  return 0;
}

constexpr luaL_Reg kMemoryMetamethods[] = {
    {"__concat", memory_concat},
    {"__len", memory_len},
    {"__tostring", memory_tostring},
    {nullptr, nullptr},
};

constexpr luaL_Reg kMemoryFunctions[] = {
    {"create", memory_create}, {"diff", memory_diff},
    {"fill", memory_fill},     {"find", memory_find},
    {"get", memory_get},       {"len", memory_len},
    {"pack", memory_pack},     {"resize", memory_resize},
    {"set", memory_set},       {"tostring", memory_tostring},
    {"type", memory_type},     {"unpack", memory_unpack},
    {nullptr, nullptr},
};

}  // namespace

int open_memory(lua_State* L) {
  luaL_newlibtable(L, kMemoryFunctions);
  push_format_cache(L);
  luaL_setfuncs(L, kMemoryFunctions, 1);
  register_memory(L, kMemoryMetamethods, memory_close);
  return 1;
}

}  // namespace nflua
