// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/traceback.hpp"

#include "engine/lua/suggest.hpp"

namespace nflua {
namespace {

/// Calls shown of a deep stack: its newest; reading a level costs as many links as it is deep.
constexpr int kMaxLevels = 20;
/// Bytes of the message; the rest of a log line is for the traceback.
constexpr size_t kMaxMessageBytes = kMaxLogBytes / 2;
constexpr const char* kCut = "...";

/// `message`: the string on top.
void add_suggestion(lua_State* L, Text message) {
  const Text name = suggested_name(L, message);
  if (name.empty()) return;
  lua_pushfstring(L, "; did you mean '%s'?", name.data());
  lua_concat(L, 2);
}

/// Replaces the value on top by a string of at most kMaxMessageBytes.
void make_message(lua_State* L) {
  if (!lua_isstring(L, -1)) {
    if (luaL_callmeta(L, -1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) {
      lua_remove(L, -2);
    } else {
      lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, -1));
      lua_remove(L, -2);
    }
  }
  size_t size = 0;
  const char* text = lua_tolstring(L, -1, &size);
  if (size <= kMaxMessageBytes) return add_suggestion(L, {text, size});
  lua_pushlstring(L, text, kMaxMessageBytes);
  lua_pushstring(L, kCut);
  lua_concat(L, 2);
  lua_remove(L, -2);
}

void push_call(lua_State* L, const lua_Debug& call) {
  if (call.currentline > 0)
    lua_pushfstring(L, "\n\t%s:%d: in ", call.short_src, call.currentline);
  else
    lua_pushfstring(L, "\n\t%s: in ", call.short_src);
  if (*call.namewhat)
    lua_pushfstring(L, "%s '%s'", call.namewhat, call.name);
  else if (*call.what == 'm')
    lua_pushstring(L, "main chunk");
  else if (*call.what == 'C')
    lua_pushstring(L, "a C function");
  else
    lua_pushfstring(L, "function <%s:%d>", call.short_src, call.linedefined);
  lua_concat(L, 2);
}

}  // namespace

void push_traceback(lua_State* L, lua_State* from, int level) {
  make_message(L);
  luaL_checkstack(L, LUA_MINSTACK, "traceback");
  lua_Debug call;
  if (!lua_getstack(from, level, &call)) return;  // nothing was running: it didn't parse
  lua_pushstring(L, "\nstack traceback:");
  lua_concat(L, 2);
  for (int shown = 0; lua_getstack(from, level + shown, &call); ++shown) {
    if (shown == kMaxLevels || lua_rawlen(L, -1) > kMaxLogBytes - 2 * LUA_IDSIZE - kNameBytes) {
      lua_pushstring(L, "\n\t...");
      lua_concat(L, 2);
      return;
    }
    lua_getinfo(from, "Sln", &call);
    push_call(L, call);
    lua_concat(L, 2);
  }
}

}  // namespace nflua
