// SPDX-License-Identifier: GPL-2.0-or-later
// The string library's functions whose time or size grows with what the script names. The rest is
// Lua's own, paid for through allocator and API.
#include "engine/find.hpp"
#include "engine/lua/base.hpp"
#include "engine/lua/pattern.hpp"

namespace nflua {
namespace {

/// Characters of a format that Lua's library handles in the time of one step.
constexpr size_t kFormatCharsPerStep = 2;
constexpr size_t kNotFound = static_cast<size_t>(-1);

/// Where a search starts, as an offset; past the end of the text if so.
size_t check_start(lua_State* L, int arg, size_t size) {
  const lua_Integer position = luaL_optinteger(L, arg, 1);
  if (position > 0) return static_cast<size_t>(position) - 1;
  if (position == 0 || position < -static_cast<lua_Integer>(size)) return 0;
  return size - static_cast<size_t>(-position);
}

bool has_specials(Text pattern) {
  for (size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] != '\0' && strchr("^$*+?.([%-", pattern[i])) return true;
  return false;
}

bool take_anchor(Text& pattern) {
  if (pattern.empty() || pattern[0] != '^') return false;
  pattern = {pattern.data() + 1, pattern.size() - 1};
  return true;
}

int push_not_found(lua_State* L) {
  luaL_pushfail(L);
  return 1;
}

int find_plain(lua_State* L, Text text, Text needle, size_t start) {
  nflua_charge_search(L, text.size() - start + needle.size());
  const size_t at = find_bytes(text.bytes().sub(start), needle.bytes());
  if (at == kNotFound) return push_not_found(L);
  lua_pushinteger(L, static_cast<lua_Integer>(start + at + 1));
  lua_pushinteger(L, static_cast<lua_Integer>(start + at + needle.size()));
  return 2;
}

/// What find and match have in common: the first match from `start` on, as captures, after its
/// position if `with_position`.
int push_first_match(lua_State* L, Text text, Text pattern, size_t start, bool with_position) {
  const bool anchored = take_anchor(pattern);
  PatternMatcher matcher(L, text, pattern);
  for (const char* at = matcher.begin() + start; at <= matcher.end(); ++at) {
    if (const char* end = matcher.match_at(at)) {
      if (!with_position) return matcher.push_captures(at, end);
      lua_pushinteger(L, at - matcher.begin() + 1);
      lua_pushinteger(L, end - matcher.begin());
      return 2 + matcher.push_captures(nullptr, nullptr);
    }
    if (anchored) break;
  }
  return push_not_found(L);
}

int string_find(lua_State* L) {
  const Text text = check_text(L, 1);
  const Text pattern = check_text(L, 2);
  const size_t start = check_start(L, 3, text.size());
  if (start > text.size()) return push_not_found(L);
  if (lua_toboolean(L, 4) || !has_specials(pattern)) return find_plain(L, text, pattern, start);
  return push_first_match(L, text, pattern, start, true);
}

int string_match(lua_State* L) {
  const Text text = check_text(L, 1);
  const Text pattern = check_text(L, 2);
  const size_t start = check_start(L, 3, text.size());
  if (start > text.size()) return push_not_found(L);
  return push_first_match(L, text, pattern, start, false);
}

/// Upvalues of the iterator: text, pattern, and two offsets: where to go on, and the end of the
/// last match (-1: none), where no empty match may be.
enum GmatchUpvalue : int { kGmatchText = 1, kGmatchPattern, kGmatchNext, kGmatchLastEnd };

int gmatch_next(lua_State* L) {
  const Text text = check_text(L, lua_upvalueindex(kGmatchText));
  const Text pattern = check_text(L, lua_upvalueindex(kGmatchPattern));
  const lua_Integer next = lua_tointeger(L, lua_upvalueindex(kGmatchNext));
  const lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(kGmatchLastEnd));
  if (static_cast<size_t>(next) > text.size()) return 0;
  PatternMatcher matcher(L, text, pattern);
  for (const char* at = matcher.begin() + next; at <= matcher.end(); ++at) {
    const char* end = matcher.match_at(at);
    if (!end || end - matcher.begin() == last_end) continue;
    lua_pushinteger(L, end - matcher.begin());
    lua_copy(L, -1, lua_upvalueindex(kGmatchNext));
    lua_replace(L, lua_upvalueindex(kGmatchLastEnd));
    return matcher.push_captures(at, end);
  }
  return 0;
}

int string_gmatch(lua_State* L) {
  const Text text = check_text(L, 1);
  check_text(L, 2);
  const size_t start = check_start(L, 3, text.size());
  lua_settop(L, 2);
  lua_pushinteger(L, static_cast<lua_Integer>(start));
  lua_pushinteger(L, -1);
  lua_pushcclosure(L, gmatch_next, kGmatchLastEnd);
  return 1;
}

/// One gsub: its arguments, and what it has written.
struct Substitution {
  static constexpr int kReplacement = 3;
  lua_State* L;
  PatternMatcher& matcher;
  luaL_Buffer& out;
  int replacement_type;
};

/// Adds the replacement string with its captures filled in.
void add_template(Substitution& gsub, const char* start, const char* end) {
  lua_State* L = gsub.L;
  const Text text = check_text(L, Substitution::kReplacement);
  nflua_charge(L, text.size() / kFormatCharsPerStep);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      luaL_addchar(&gsub.out, text[i]);
      continue;
    }
    const char what = ++i < text.size() ? text[i] : '\0';
    if (what == '%') {
      luaL_addchar(&gsub.out, '%');
    } else if (what == '0') {
      luaL_addlstring(&gsub.out, start, static_cast<size_t>(end - start));
    } else if (what >= '1' && what <= '9') {
      gsub.matcher.push_capture(what - '1', start, end);
      luaL_tolstring(L, -1, nullptr);
      lua_remove(L, -2);
      luaL_addvalue(&gsub.out);
    } else {
      luaL_error(L, "invalid use of '%%' in replacement string");
    }
  }
}

/// Adds what stands for a match. False: the match itself, as table or function gave nothing.
bool add_replacement(Substitution& gsub, const char* start, const char* end) {
  lua_State* L = gsub.L;
  if (gsub.replacement_type == LUA_TFUNCTION) {
    lua_pushvalue(L, Substitution::kReplacement);
    lua_call(L, gsub.matcher.push_captures(start, end), 1);
  } else if (gsub.replacement_type == LUA_TTABLE) {
    gsub.matcher.push_capture(0, start, end);
    lua_gettable(L, Substitution::kReplacement);
  } else {
    add_template(gsub, start, end);
    return true;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(&gsub.out, start, static_cast<size_t>(end - start));
    return false;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(&gsub.out);
  return true;
}

int string_gsub(lua_State* L) {
  const Text text = check_text(L, 1);
  Text pattern = check_text(L, 2);
  const int type = lua_type(L, Substitution::kReplacement);
  luaL_argexpected(
      L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE,
      Substitution::kReplacement, "string/function/table");
  const lua_Integer most = luaL_optinteger(L, 4, static_cast<lua_Integer>(text.size()) + 1);
  const bool anchored = take_anchor(pattern);
  PatternMatcher matcher(L, text, pattern);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  Substitution gsub{L, matcher, out, type};
  const char* at = matcher.begin();
  const char* last_end = nullptr;
  lua_Integer matches = 0;
  bool changed = false;
  while (matches < most) {
    const char* end = matcher.match_at(at);
    if (end && end != last_end) {
      ++matches;
      changed |= add_replacement(gsub, at, end);
      at = last_end = end;
    } else if (at < matcher.end()) {
      luaL_addchar(&out, *at++);
    } else {
      break;
    }
    if (anchored) break;
  }
  if (changed) {
    luaL_addlstring(&out, at, static_cast<size_t>(matcher.end() - at));
    luaL_pushresult(&out);
  } else {
    lua_pushvalue(L, 1);
  }
  lua_pushinteger(L, matches);
  return 2;
}

int string_rep(lua_State* L) {
  const Text text = check_text(L, 1);
  const lua_Integer times = luaL_checkinteger(L, 2);
  size_t separator_size = 0;
  const char* separator = luaL_optlstring(L, 3, "", &separator_size);
  const size_t unit = text.size() + separator_size;
  if (times <= 0 || unit == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (unit > kMaxStringBytes || static_cast<lua_Unsigned>(times) > kMaxStringBytes / unit + 1)
    return luaL_error(L, "resulting string too large");
  const size_t size = unit * static_cast<size_t>(times) - separator_size;
  if (size > kMaxStringBytes) return luaL_error(L, "resulting string too large");
  nflua_charge_bytes(L, size);
  luaL_Buffer out;
  char* at = luaL_buffinitsize(L, &out, size + separator_size);
  memcpy(at, text.data(), text.size());
  memcpy(at + text.size(), separator, separator_size);
  // Each copy doubles what is there.
  for (size_t done = unit; done < size;) {
    const size_t more = done < size + separator_size - done ? done : size + separator_size - done;
    memcpy(at + done, at, more);
    done += more;
  }
  luaL_pushresultsize(&out, size);
  return 1;
}

/// format, pack, packsize, unpack: each character of the format may cost.
int guard_format(lua_State* L) {
  nflua_charge(L, check_text(L, 1).size() / kFormatCharsPerStep);
  return call_stock(L);
}

constexpr const char* kFormatFunctions[] = {"format", "pack", "packsize", "unpack"};

constexpr luaL_Reg kStringFunctions[] = {
    {"find", string_find},   {"gmatch", string_gmatch}, {"gsub", string_gsub},
    {"match", string_match}, {"rep", string_rep},       {nullptr, nullptr},
};

}  // namespace

void harden_string(lua_State* L) {
  luaL_setfuncs(L, kStringFunctions, 0);
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  for (const char* name : kFormatFunctions) guard_function(L, name, guard_format);
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushliteral(L, "string");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

}  // namespace nflua
