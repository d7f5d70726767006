// SPDX-License-Identifier: GPL-2.0-or-later
// Lua's utf8 library walks strings without calling anything that counts: pay before.
#include "engine/lua/base.hpp"

namespace nflua {
namespace {

/// Bytes that utf8.len decodes in the time of one step, and those that the others skip.
constexpr size_t kDecodedPerStep = 8;
constexpr size_t kSkippedPerStep = 16;

int utf8_len(lua_State* L) {
  nflua_charge(L, check_text(L, 1).size() / kDecodedPerStep);
  return call_stock(L);
}

int utf8_offset(lua_State* L) {
  nflua_charge(L, check_text(L, 1).size() / kSkippedPerStep);
  return call_stock(L);
}

bool is_continuation(char byte) { return (byte & 0xc0) == 0x80; }

/// The iterator skips continuation bytes after the control variable's character.
int codes_next(lua_State* L) {
  const Text text = check_text(L, 1);
  const lua_Integer position = lua_tointeger(L, 2);
  size_t at = position > 0 && static_cast<size_t>(position) < text.size() ? position : text.size();
  const size_t start = at;
  while (at < text.size() && is_continuation(text[at])) ++at;
  nflua_charge(L, (at - start) / kSkippedPerStep);
  return call_stock(L);
}

int utf8_codes(lua_State* L) {
  const int results = call_stock(L);
  lua_pushvalue(L, -results);
  lua_pushcclosure(L, codes_next, 1);
  lua_replace(L, -results - 1);
  return results;
}

}  // namespace

void harden_utf8(lua_State* L) {
  guard_function(L, "len", utf8_len);
  guard_function(L, "offset", utf8_offset);
  guard_function(L, "codes", utf8_codes);
}

}  // namespace nflua
