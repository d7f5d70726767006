// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/answer.hpp"

#include "engine/text_line.hpp"
#include "engine/words.hpp"

namespace nflua {
namespace {

/// Bytes of a string that are shown.
constexpr size_t kShownBytes = 32;

/// In the order of Netfilter's NF_DROP, NF_ACCEPT …, which some return as numbers.
constexpr VerdictKind kTargetVerdicts[] = {VerdictKind::drop,   VerdictKind::accept,
                                           VerdictKind::stolen, VerdictKind::queue,
                                           VerdictKind::repeat, VerdictKind::stop};
constexpr lua_Integer kTargetVerdictCount = sizeof(kTargetVerdicts) / sizeof(kTargetVerdicts[0]);

Text text_at(lua_State* L, int index) {
  size_t size = 0;
  const char* data = lua_tolstring(L, index, &size);
  return {data, size};
}

void show_string(TextLine& line, Text text) {
  line << "\"";
  for (size_t i = 0; i < least(text.size(), kShownBytes); ++i) {
    const char c = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
    line << Text(&c, 1);
  }
  line << (text.size() > kShownBytes ? "...\"" : "\"");
}

void show_integer(TextLine& line, lua_Integer value) {
  if (value < 0) line << "-";
  line << (value < 0 ? 0 - uint64_t(value) : uint64_t(value));
}

void show_value(TextLine& line, lua_State* L, int index) {
  const int type = lua_type(L, index);
  if (type == LUA_TSTRING)
    show_string(line, text_at(L, index));
  else if (type == LUA_TBOOLEAN)
    line << (lua_toboolean(L, index) ? "true" : "false");
  else if (lua_isinteger(L, index))
    show_integer(line, lua_tointeger(L, index));
  else if (type == LUA_TNIL)
    line << "nil";
  else
    line << "a " << lua_typename(L, type);
}

Text meant_verdict(lua_State* L, int index) {
  if (lua_isinteger(L, index)) {
    const lua_Integer value = lua_tointeger(L, index);
    if (value < 0 || value >= kTargetVerdictCount) return {};
    return verdict_name(kTargetVerdicts[value]);
  }
  if (lua_type(L, index) != LUA_TSTRING) return {};
  NearestWord nearest(text_at(L, index));
  for (const VerdictKind kind : kTargetVerdicts) nearest.consider(verdict_name(kind));
  return nearest.found();
}

void suggest(TextLine& line, Text word) {
  if (!word.empty()) line << "; did you mean '" << word << "'?";
}

}  // namespace

// The first letter rules most of them out: this runs for every packet.
VerdictKind find_target_verdict(Text word) {
  if (word.empty()) return VerdictKind::proceed;
  for (const VerdictKind kind : kTargetVerdicts) {
    const char* name = verdict_name(kind);
    if (word[0] == name[0] && word == name) return kind;
  }
  return VerdictKind::proceed;
}

Text describe_wrong_match(lua_State* L, int index, AnswerText& buffer) {
  TextLine line(buffer, sizeof buffer);
  line << "a match returned ";
  show_value(line, L, index);
  line << ", expected true, false or 'hotdrop'";
  if (lua_type(L, index) == LUA_TSTRING) {
    NearestWord nearest(text_at(L, index));
    nearest.consider("hotdrop");
    suggest(line, nearest.found());
  }
  return line.text();
}

Text describe_wrong_target(lua_State* L, int index, AnswerText& buffer) {
  TextLine line(buffer, sizeof buffer);
  line << "a target returned ";
  show_value(line, L, index);
  line << ", expected nil or a verdict:";
  for (const VerdictKind kind : kTargetVerdicts)
    line << (kind == kTargetVerdicts[0] ? " '" : ", '") << verdict_name(kind) << "'";
  suggest(line, meant_verdict(L, index));
  if (lua_type(L, index) == LUA_TBOOLEAN) line << "; true and false are the answers of a match";
  if (lua_type(L, index) == LUA_TSTRING && text_at(L, index) == verdict_name(VerdictKind::proceed))
    line << "; return nil to go on with the next rule";
  return line.text();
}

}  // namespace nflua
