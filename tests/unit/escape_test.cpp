// SPDX-License-Identifier: GPL-2.0-or-later
// lua/escape.c: which functions may keep their first argument.
#include <gtest/gtest.h>

#include <string>

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lua/budget.h"
#include "lua/escape.h"
#include "lualib.h"
}

namespace {

class EscapeTest : public ::testing::Test {
 protected:
  EscapeTest() : lua_(luaL_newstate()) {
    for (const luaL_Reg library : {luaL_Reg{"_G", luaopen_base}, {"coroutine", luaopen_coroutine}})
      luaL_requiref(lua_, library.name, library.func, 1), lua_pop(lua_, 1);
  }
  ~EscapeTest() override { lua_close(lua_); }

  /// The answer for what the chunk returns.
  bool may_keep(const std::string& chunk) {
    lua_settop(lua_, 0);
    const bool failed = luaL_loadstring(lua_, chunk.c_str()) || lua_pcall(lua_, 0, 1, 0);
    EXPECT_FALSE(failed) << lua_tostring(lua_, -1) << " in " << chunk;
    return nflua_may_keep_argument(lua_, -1);
  }

  lua_State* lua_;
};

TEST_F(EscapeTest, methods_and_length_keep_nothing) {
  const char* functions[] = {
      "function() return false end",
      "function(p) end",
      "function(p) p = p end",
      "function(p) return false end",
      "function(p) p:close() return 'drop' end",
      "function(p) return #p > 4 end",
      "function(p) return p:find('needle') ~= nil end",
      "function(p) return p:tuple() end",
      "function(p) local f, proto = p:tuple() if proto == 6 then return true end return false end",
      "function(p) for i = 1, #p do if p:unpack('B', i) == 0 then return true end end return false "
      "end",
      "function(p) for k, v in pairs(seen) do if v == p:mark() then seen[k] = p:mark() end end end",
      "function(p) ::again:: if p:mark() == 0 then p:mark(1) goto again end end",
      "function(p) count = (count or 0) + #p; bytes[p:connid()] = {p:tuple()} end",
      "function(p) while p:mark() < 4 do p:mark(p:mark() + 1) end return not p:indev() end",
      "function(p) return (p:indev() or p:outdev() or 'none') .. #p end",
      "function(p, q) local p = q; kept = p return p end",
      "function(p) local n = #p; return function() return n end end",
      "function(p) return function(p) kept = p end end",
      "function(p) local q = 1 return function() return function() kept = q end end end",
      "function(p) local port <const> = 53 return select(4, p:tuple()) == port end",
      "function(p) local x <close> = nil; return -#p | 1, ~#p, #p // 2 end",
      "function(p) local t = {1, 2, #p, x = #p, p:tuple()} t[1], t.y, t[#p] = #p, #p, #p end",
      "function(self) return self:hook() == 'forward' and self:payload() end",
  };
  for (const std::string function : functions)
    EXPECT_FALSE(may_keep("return " + function)) << function;
}

TEST_F(EscapeTest, whatever_else_is_done_with_it_may_keep_it) {
  const char* functions[] = {
      "function(...) kept = ... end",
      "function(p, ...) return false end",
      "function(p) return p end",
      "function(p) return p, 1 end",
      "function(p) return (p) end",
      "function(p) kept = p end",
      "function(p) local q = p end",
      "function(p) p, t = t, p end",
      "function(p) p = nil end",
      "function(p) p = p or kept; kept = p end",
      "function(p) local q <close> = p end",
      "function(p) local q <const> = p; kept = q end",
      "function(p) up = p end",
      "function(p) t[1] = p end",
      "function(p) t.x = p end",
      "function(p) t[p] = 1 end",
      "function(p) t[t] = p end",
      "function(p) p.x = 1 end",
      "function(p) p[1] = 1 end",
      "function(p) p[t] = 1 end",
      "function(p) p.x = p end",
      "function(p) return p.find end",
      "function(p) return p[1] end",
      "function(p) return p[t] end",
      "function(p) return t[p] end",
      "function(p) return {p} end",
      "function(p) return {x = p} end",
      "function(p) return {[p] = 1} end",
      "function(p) return print(p) end",
      "function(p) print(1, p) end",
      "function(p) print(p) end",
      "function(p) p() end",
      "function(p) return p(1) end",
      "function(p) p:find(p) end",
      "function(p) return p:find('x', p) end",
      "function(p) p.find(p, 'x') end",
      "function(p) t:add(p) end",
      "function(p) return tostring(p) end",
      "function(p) return -p end",
      "function(p) return ~p end",
      "function(p) return not p end",
      "function(p) return p + 1 end",
      "function(p) return 1 + p end",
      "function(p) return p * t end",
      "function(p) return t * p end",
      "function(p) return t << p end",
      "function(p) return 2 ^ p end",
      "function(p) return p | 1 end",
      "function(p) return p .. 'x' end",
      "function(p) return 'x' .. p end",
      "function(p) return p == kept end",
      "function(p) return kept == p end",
      "function(p) return p == nil end",
      "function(p) return p == 1 end",
      "function(p) return p < kept end",
      "function(p) return kept <= p end",
      "function(p) return p > 1 end",
      "function(p) if p then return true end end",
      "function(p) return p and 1 end",
      "function(p) return t and p end",
      "function(p) return p or 1 end",
      "function(p) local function f() return p end end",
      "function(p) return function() return function() return p end end end",
      "function(p) return function() p = 1 end end",
      "function(p) t.f = function() p:close() end return 'stolen' end",
      "function(p) coroutine.wrap(function() coroutine.yield(p) end)() end",
      "function(p) coroutine.wrap(print)(p) end",
      "function(p) for _, x in next, {p} do kept = x end end",
      "function(p) for _, x in p do kept = x end end",
      "function(p) for i = p, 2 do end end",
      "function(p) for i = 1, 2, p do end end",
      "function(p) while p do end end",
      "function(p) ::a:: if t then kept = p goto a end end",
      "function(p) do local q = 1; kept = function() return q, p end end end",
      "function(p) error(p) end",
      "function(p) return #{p} end",
      "function(p) t.a.b.c = p end",
      "function(p) local _ENV = p; x = 1 end",
      "function(p) local _ENV = {}; kept = p end",
      "function(_ENV) kept = 1 end",
      "function(_ENV) return kept end",
      "function(self) t = setmetatable({}, {__index = self}) end",
      "function(p) local a, b = 1, p end",
      "function(p) local a; a, t.x = p, p end",
      "function(p) if #p > 4 then return false end kept = p end",
  };
  for (const std::string function : functions)
    EXPECT_TRUE(may_keep("local up return " + function)) << function;
}

TEST_F(EscapeTest, what_is_no_function_in_lua_may_keep_it) {
  for (const char* value : {"nil", "1", "{}", "print", "coroutine.wrap(function(p) end)"})
    EXPECT_TRUE(may_keep(std::string("return ") + value)) << value;
}

TEST_F(EscapeTest, a_function_with_more_constants_than_an_operand_can_name_may_keep_it) {
  const auto function_with = [](int constants) {
    std::string source = "return function(p) local x ";
    for (int i = 0; i < constants; ++i) source += "x = 'c" + std::to_string(i) + "' ";
    return source + "end";
  };
  EXPECT_FALSE(may_keep(function_with(255)));
  EXPECT_TRUE(may_keep(function_with(256)));
}

TEST_F(EscapeTest, the_answer_outlives_collections_and_is_looked_for_once) {
  for (const bool keeps : {false, true}) {
    const std::string body = keeps ? "kept = p" : "p:close()";
    std::string source = "return function(p) local t ";
    for (int i = 0; i < 1000; ++i) source += "t = 1 ";
    EXPECT_EQ(may_keep(source + body + " end"), keeps);
    for (int i = 0; i < 3; ++i) lua_gc(lua_, LUA_GCCOLLECT);
    nflua_budget budget{};
    constexpr int64_t kSteps = 100;
    nflua_budget_enter(&budget, kSteps);
    EXPECT_EQ(nflua_may_keep_argument(lua_, -1), keeps);
    nflua_budget_leave();
    EXPECT_EQ(budget.steps, kSteps);
  }
}

TEST_F(EscapeTest, looking_draws_on_the_budget) {
  std::string source = "return function(p) local t ";
  for (int i = 0; i < 1600; ++i) source += "t = 1 ";
  luaL_loadstring(lua_, (source + "end").c_str());
  lua_call(lua_, 0, 1);
  nflua_budget budget{};
  constexpr int64_t kSteps = 1000;
  nflua_budget_enter(&budget, kSteps);
  nflua_may_keep_argument(lua_, -1);
  nflua_budget_leave();
  EXPECT_NEAR(double(budget.steps), double(kSteps - 100), 2.0);
}

}  // namespace
