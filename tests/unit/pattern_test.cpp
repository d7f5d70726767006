// SPDX-License-Identifier: GPL-2.0-or-later
// Our pattern functions against Lua's own, which is the specification: same results, same errors.
#include "engine/lua/pattern.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "engine/lua/base.hpp"

extern "C" {
#include "lualib.h"
}

namespace nflua {
namespace {

/// Calls a function of both libraries with the same arguments and describes all that came out.
constexpr const char* kCompare = R"(
local stock, ours = ...
local function describe(ok, ...)
  local out = {tostring(ok)}
  for i = 1, select('#', ...) do
    local value = select(i, ...)
    out[#out + 1] = math.type(value) or type(value)
    out[#out + 1] = tostring(value)
  end
  return table.concat(out, '|')
end
local function all_matches(library, ...)
  local out = {}
  for a, b in library.gmatch(...) do out[#out + 1] = tostring(a) .. '/' .. tostring(b) end
  return table.concat(out, ',')
end
function compare(name, ...)
  if name == 'gmatch' then
    return describe(pcall(all_matches, stock, ...)), describe(pcall(all_matches, ours, ...))
  end
  return describe(pcall(stock[name], ...)), describe(pcall(ours[name], ...))
end
)";

class PatternTest : public ::testing::Test {
 protected:
  PatternTest() : L_(luaL_newstate()) {
    luaL_requiref(L_, "_G", luaopen_base, 1);
    luaL_requiref(L_, "table", luaopen_table, 1);
    luaL_requiref(L_, "math", luaopen_math, 1);
    luaL_loadstring(L_, kCompare);
    lua_pushcfunction(L_, luaopen_string);
    lua_call(L_, 0, 1);
    lua_pushcfunction(L_, luaopen_string);
    lua_call(L_, 0, 1);
    harden_string(L_);
    lua_call(L_, 2, 0);
  }
  ~PatternTest() override { lua_close(L_); }

  /// Requires: the arguments are on the stack above `base`.
  void expect_equal(const char* name, int base) {
    const int arguments = lua_gettop(L_) - base;
    std::string shown = name;
    for (int i = base + 1; i <= lua_gettop(L_); ++i)
      shown += std::string(" ") + luaL_tolstring(L_, i, nullptr), lua_pop(L_, 1);
    lua_getglobal(L_, "compare");
    lua_pushstring(L_, name);
    lua_rotate(L_, base + 1, 2);
    ASSERT_EQ(lua_pcall(L_, arguments + 1, 2, 0), LUA_OK) << lua_tostring(L_, -1);
    EXPECT_STREQ(lua_tostring(L_, -1), lua_tostring(L_, -2)) << shown;
    lua_settop(L_, base);
  }
  void push(const std::string& text) { lua_pushlstring(L_, text.data(), text.size()); }

  lua_State* L_;
};

std::string pick(std::mt19937& random, const std::vector<std::string>& pieces, size_t most) {
  std::string out;
  for (size_t n = random() % (most + 1); n > 0; --n) out += pieces[random() % pieces.size()];
  return out;
}

const std::vector<std::string> kSubjects = {
    "a", "b", "A", "1", " ", "(", ")", "]", "-", "%", "ab", "\xe4", std::string(1, '\0')};
const std::vector<std::string> kItems = {
    "a",    "b",      ".",      "%a",   "%A",    "%d",    "%s",   "%w",
    "%W",   "%x",     "%p",     "%u",   "%l",    "%g",    "%c",   "%z",
    "[ab]", "[^a]",   "[a-b",   "[]a]", "[%a-]", "[^%d]", "[a-]", "]",
    "*",    "+",      "-",      "?",    "(",     ")",     "()",   "%b()",
    "%bab", "%f[%a]", "%f[^a]", "%f",   "%1",    "%2",    "^",    "$",
    "%",    "%%",     "%b",     "[",    "-",     "(a*)",  "(.-)", std::string(1, '\0')};
const std::vector<std::string> kReplacements = {"x", "%0", "%1", "%2", "%%", "%", "<", ">"};

TEST_F(PatternTest, random_patterns_give_what_luas_own_give) {
  std::mt19937 random(1);
  for (int round = 0; round < 30'000; ++round) {
    const std::string subject = pick(random, kSubjects, 12);
    const std::string pattern = pick(random, kItems, 6);
    const lua_Integer init = static_cast<lua_Integer>(random() % 30) - 15;
    for (const char* name : {"find", "match", "gmatch"}) {
      push(subject), push(pattern), lua_pushinteger(L_, init);
      expect_equal(name, 0);
    }
    push(subject), push(pattern), push(pick(random, kReplacements, 3));
    if (init > 0) lua_pushinteger(L_, init);
    expect_equal("gsub", 0);
    if (HasFailure()) return;
  }
}

TEST_F(PatternTest, replacements_by_table_and_function_give_what_luas_own_give) {
  for (const char* replacement :
       {"{a = 'x', b = 1, [1] = 'first', c = false}", "function(a, b) return b end",
        "function(a) if a == 'a' then return 'x' end end", "function() return {} end",
        "function() return true end", "true", "7", "1.5"})
    for (const char* pattern : {"%w", "(%w)(%w?)", "()", "", "^a", "b*", "(a)(b", "%w%"}) {
      push("abcab"), push(pattern);
      const std::string chunk = std::string("return ") + replacement;
      ASSERT_EQ(luaL_dostring(L_, chunk.c_str()), LUA_OK);
      expect_equal("gsub", 0);
    }
}

TEST_F(PatternTest, plain_find_gives_what_luas_own_gives) {
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) {
    push(pick(random, {"a", "b", "ab"}, 30)), push(pick(random, {"a", "b", "."}, 5));
    lua_pushinteger(L_, static_cast<lua_Integer>(random() % 40) - 20);
    lua_pushboolean(L_, random() % 2);
    expect_equal("find", 0);
    if (HasFailure()) return;
  }
}

TEST_F(PatternTest, repeating_gives_what_luas_own_gives) {
  for (const char* text : {"", "a", "abc"})
    for (const char* separator : {"", "-", ", "})
      for (lua_Integer times : {-1, 0, 1, 2, 3, 7, 100}) {
        push(text), lua_pushinteger(L_, times), push(separator);
        expect_equal("rep", 0);
      }
}

struct Refusal {
  const char* chunk;
  const char* message;
};

TEST_F(PatternTest, what_is_beyond_its_bounds_is_refused) {
  luaL_requiref(L_, "string", luaopen_string, 1);
  harden_string(L_);
  lua_settop(L_, 0);
  for (const Refusal& refusal : {
           Refusal{"return ('x'):find(('a'):rep(512) .. '.')", "pattern too long"},
           Refusal{"return ('x'):rep(1 << 21)", "resulting string too large"},
           Refusal{"return ('x'):rep(1 << 62, 'y')", "resulting string too large"},
           Refusal{"return (('a'):rep(300)):match(('a?'):rep(250))", "pattern too complex"},
       }) {
    ASSERT_NE(luaL_dostring(L_, refusal.chunk), LUA_OK) << refusal.chunk;
    EXPECT_NE(std::string(lua_tostring(L_, -1)).find(refusal.message), std::string::npos)
        << lua_tostring(L_, -1);
    lua_settop(L_, 0);
  }
}

}  // namespace
}  // namespace nflua
