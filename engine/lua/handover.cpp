// SPDX-License-Identifier: GPL-2.0-or-later
// State::take_over: what an old state leaves to the one that replaces it, a deep copy of the table
// that its on_unload() returned.
//
// Two VMs, but only the new one's calls may raise while it copies. Of the old one it uses what
// neither raises nor runs anything, so an error leaves nothing there but a longer stack, which
// settle() empties.
#include "engine/lua/binding.hpp"

namespace nflua {
namespace {

constexpr const char* kUnloadFunction = "on_unload";
constexpr const char* kReloadFunction = "on_reload";

/// Stack of copy_table.
enum HandoverSlot : int {
  kOldThread = 1,
  /// A table: address of an old table → its copy.
  kCopies,
};

/// What one level of nesting needs on either stack, and what a look at an entry does.
constexpr int kSlotsPerLevel = 8;
constexpr const char* kTooDeep = "stack overflow (on_unload: tables are nested too deep)";

/// Pushes a copy of what is no table. False: it is one, or can't be copied.
bool push_scalar(lua_State* L, lua_State* old, int index) {
  switch (lua_type(old, index)) {
    case LUA_TBOOLEAN:
      lua_pushboolean(L, lua_toboolean(old, index));
      return true;
    case LUA_TNUMBER:
      if (lua_isinteger(old, index))
        lua_pushinteger(L, lua_tointeger(old, index));
      else
        lua_pushnumber(L, lua_tonumber(old, index));
      return true;
    case LUA_TSTRING: {
      size_t size = 0;
      const char* text = lua_tolstring(old, index, &size);
      lua_pushlstring(L, text, size);
      return true;
    }
    default:
      return false;
  }
}

/// Pushes the copy of the old table on top if there is one: what was shared stays shared.
bool push_known_copy(lua_State* L, lua_State* old) {
  if (lua_rawgetp(L, kCopies, lua_topointer(old, -1)) != LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

/// Pushes an empty copy of the old table on top, and on the old stack the place before its first
/// entry.
void begin_table(lua_State* L, lua_State* old) {
  if (!lua_checkstack(L, kSlotsPerLevel) || !lua_checkstack(old, kSlotsPerLevel))
    luaL_error(L, kTooDeep);
  if (lua_getmetatable(old, -1)) luaL_error(L, "on_unload: a table has a metatable");
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, kCopies, lua_topointer(old, -1));
  lua_pushnil(old);
}

/// Copies the entry of which key and value are on top of the old stack. True: the value is a table
/// that is begun, and its key waits below it on both stacks.
bool copy_entry(lua_State* L, lua_State* old) {
  if (!push_scalar(L, old, -2))
    luaL_error(L, "on_unload: a key is a %s value; expected a boolean, number or string",
               luaL_typename(old, -2));
  const bool is_table = lua_istable(old, -1);
  if (!is_table && !push_scalar(L, old, -1))
    luaL_error(L, "on_unload: '%s' is a %s value; expected a boolean, number, string or table",
               luaL_tolstring(L, -1, nullptr), luaL_typename(old, -1));
  if (is_table && !push_known_copy(L, old)) {
    begin_table(L, old);
    return true;
  }
  lua_rawset(L, -3);
  lua_pop(old, 1);
  return false;
}

/// The Lua function, with a frame of its own so that a deep copy leaves no large stack behind: the
/// copy of the table on top of the old stack.
int copy_table(lua_State* L) {
  auto* old = static_cast<lua_State*>(lua_touserdata(L, kOldThread));
  lua_newtable(L);
  begin_table(L, old);
  for (size_t depth = 1; depth > 0;) {
    if (lua_next(old, -2)) {
      depth += copy_entry(L, old);
      continue;
    }
    lua_pop(old, 1);
    if (--depth > 0) lua_rawset(L, -3);
  }
  return 1;
}

void push_handed_over(lua_State* L, lua_State* old) {
  if (lua_isnil(old, -1)) {
    lua_pushnil(L);
    return;
  }
  if (!lua_istable(old, -1))
    luaL_error(L, "on_unload returned a %s value; expected a table or nil", luaL_typename(old, -1));
  lua_pushcfunction(L, copy_table);
  lua_pushlightuserdata(L, old);
  lua_call(L, 1, 1);
}

/// Leaves the first result of on_unload, or nil, on the stack's top.
void call_unload(lua_State* L, void*) {
  if (lua_getglobal(L, kUnloadFunction) == LUA_TFUNCTION)
    lua_call(L, 0, 1);
  else
    lua_pushnil(L);
}

void call_reload(lua_State* L, void* old) {
  if (lua_getglobal(L, kReloadFunction) != LUA_TFUNCTION) return;
  push_handed_over(L, static_cast<lua_State*>(old));
  lua_call(L, 1, 0);
}

}  // namespace

Error State::take_over(State& old) {
  int status = old.run_loading(kUnloadFunction, call_unload, nullptr);
  if (status != LUA_OK) {
    keep_text(old.describe_failure(status, Phase::loading));
  } else {
    status = run_loading(kReloadFunction, call_reload, old.lua_);
    if (status != LUA_OK) keep_text(describe_failure(status, Phase::loading));
  }
  settle();
  old.settle();
  return status == LUA_OK ? Error() : kSeeLastError;
}

}  // namespace nflua
