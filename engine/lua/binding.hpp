// SPDX-License-Identifier: GPL-2.0-or-later
// What every binding needs: its state, its arguments, its way to fail.
//
// A binding checks its arguments, calls C++ that never touches Lua, and pushes what that returned.
// Lua raises by longjmp: at each Lua call that may raise, all live locals are trivially
// destructible. Script misuse raises; failure of the environment is `nil, message`.
#pragma once

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lua/budget.h"
#include "lua/userdata.h"
}

#include "engine/bytes.hpp"
#include "engine/error.hpp"
#include "engine/state.hpp"

namespace nflua {

/// The state that runs this VM, from any of its threads.
inline State& state_of(lua_State* L) { return **static_cast<State**>(lua_getextraspace(L)); }

/// First word of every userdata that is ours. Scripts can't make userdata, so reading the tag is
/// all the type check that is needed; comparing metatables by name costs most of a small call.
enum class ObjectKind : uint32_t { packet = 0x6e660001, memory, timer, format, format_cache };

struct Object {
  ObjectKind kind;
};

/// The object at a stack index, or nullptr if something else is there.
template <class T>
T* to_object(lua_State* L, int index) {
  if (!nflua_is_own_userdata(L, index)) return nullptr;
  auto* object = static_cast<Object*>(lua_touserdata(L, index));
  return object->kind == T::kKind ? static_cast<T*>(object) : nullptr;
}

/// As to_object. Errors: raises "bad argument" naming `type_name`.
template <class T>
T& check_object(lua_State* L, int arg, const char* type_name) {
  T* object = to_object<T>(L, arg);
  if (!object) luaL_typeerror(L, arg, type_name);
  return *object;
}

inline Text check_text(lua_State* L, int arg) {
  size_t size = 0;
  const char* data = luaL_checklstring(L, arg, &size);
  return {data, size};
}

inline void push_text(lua_State* L, Text text) { lua_pushlstring(L, text.data(), text.size()); }
inline void push_bytes(lua_State* L, Bytes bytes) {
  lua_pushlstring(L, bytes.chars(), bytes.size());
}

/// Pushes `nil, message`; returns their number.
inline int push_failure(lua_State* L, Error error) {
  lua_pushnil(L);
  lua_pushstring(L, error.text());
  return 2;
}

/// Pays for what leaves the state: the host copies and checksums or writes out each byte.
/// Errors: raises once the budget is blown.
inline void charge_output(lua_State* L, size_t bytes) {
  constexpr size_t kStepsPerMessage = 256;
  constexpr size_t kBytesPerStep = 2;
  nflua_charge(L, kStepsPerMessage + bytes / kBytesPerStep);
}

/// Makes the metatable `type_name` in the registry: `methods` (nullptr: none) as its functions, and
/// a `__metatable` field so that scripts see a name instead of it. Leaves it on the stack.
void new_metatable(lua_State* L, const char* type_name, const luaL_Reg* methods);

// One opener per module, in the file of its name; each pushes the module's table.
int open_base(lua_State* L);
int open_conn(lua_State* L);
int open_memory(lua_State* L);
int open_netlink(lua_State* L);
int open_packet(lua_State* L);
int open_timer(lua_State* L);

}  // namespace nflua
