// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/suggest.hpp"

#include "engine/words.hpp"

namespace nflua {
namespace {

/// Its address is the key of the metatable that all watched tables have.
constexpr char kWatchKey = 0;

/// Steps of comparing two words of kMaxComparedBytes.
constexpr size_t kStepsPerWord = 4 * kMaxComparedBytes;

int note_missing_name(lua_State* L) {
  lua_settop(L, 2);
  if (lua_type(L, 2) == LUA_TSTRING) {
    const Text name = check_text(L, 2);
    NearestWord nearest(name);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
      nflua_charge(L, kStepsPerWord);
      if (lua_type(L, -2) == LUA_TSTRING) nearest.consider(check_text(L, -2));
    }
    state_of(L).keep_suggestion(name, nearest.found());
  }
  lua_pushnil(L);
  return 1;
}

/// The name at the end of "attempt to call a nil value (method 'NAME')".
bool ends_in_name(Text message, Text name) {
  constexpr Text kBefore{" '"};
  constexpr Text kAfter{"')"};
  const size_t size = kBefore.size() + name.size() + kAfter.size();
  if (name.empty() || message.size() < size) return false;
  const char* at = message.data() + message.size() - size;
  return Text(at, kBefore.size()) == kBefore && Text(at + kBefore.size(), name.size()) == name &&
         Text(at + kBefore.size() + name.size(), kAfter.size()) == kAfter;
}

}  // namespace

void watch_names(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kWatchKey) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, note_missing_name);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "module");
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kWatchKey);
  }
  lua_setmetatable(L, -2);
}

Text suggested_name(lua_State* L, Text message) {
  const Suggestion& last = state_of(L).suggestion();
  return ends_in_name(message, last.name) ? Text(last.instead) : Text();
}

}  // namespace nflua
