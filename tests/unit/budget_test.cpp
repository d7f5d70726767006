// SPDX-License-Identifier: GPL-2.0-or-later
// lua/budget.c and the overlay, without a State: what ends, and what it costs.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lua/budget.h"
#include "lualib.h"
}

namespace {

constexpr long long kSteps = 1'000'000;

void* allocate(void* used, void* block, size_t old_bytes, size_t new_bytes) {
  const size_t had = block ? old_bytes : 0;
  if (new_bytes > had && !nflua_charge_allocation(block ? 0 : old_bytes, new_bytes)) return nullptr;
  *static_cast<size_t*>(used) += new_bytes - had;
  if (new_bytes > 0) return std::realloc(block, new_bytes);
  std::free(block);
  return nullptr;
}

/// A VM with Lua's own libraries, and a budget per call.
class BudgetTest : public ::testing::Test {
 protected:
  BudgetTest() {
    nflua_set_seed(1);
    lua_ = lua_newstate(allocate, &used_);
    for (const luaL_Reg library : {luaL_Reg{"_G", luaopen_base},
                                   {"coroutine", luaopen_coroutine},
                                   {"table", luaopen_table},
                                   {"string", luaopen_string},
                                   {"math", luaopen_math}})
      luaL_requiref(lua_, library.name, library.func, 1), lua_pop(lua_, 1);
  }
  ~BudgetTest() override {
    lua_close(lua_);
    EXPECT_EQ(used_, 0u);
  }

  /// Runs a chunk within a budget; returns its first result, or its error, as text.
  std::string run(const char* chunk, long long steps = kSteps) {
    EXPECT_EQ(luaL_loadstring(lua_, chunk), LUA_OK) << lua_tostring(lua_, -1);
    nflua_budget_enter(&budget_, steps);
    lua_pcall(lua_, 0, 1, 0);
    nflua_budget_leave();
    const char* text = luaL_tolstring(lua_, -1, nullptr);
    std::string result = text;
    lua_settop(lua_, 0);
    return result;
  }
  bool is_blown() const { return nflua_budget_is_blown(&budget_); }
  long long steps_used() const { return kSteps - budget_.steps; }

  size_t used_ = 0;
  lua_State* lua_;
  nflua_budget budget_{};
};

TEST_F(BudgetTest, a_short_call_leaves_most_of_its_steps) {
  EXPECT_EQ(run("return 1 + 1"), "2");
  EXPECT_FALSE(is_blown());
  EXPECT_LT(steps_used(), 50);
}

TEST_F(BudgetTest, a_loop_costs_a_step_for_each_instruction) {
  // ADDI, MMBINI (skipped, but within the loop), FORLOOP; one for the jump itself.
  EXPECT_EQ(run("local n = 0 for _ = 1, 1000 do n = n + 1 end return n"), "1000");
  EXPECT_GE(steps_used(), 3000);
  EXPECT_LE(steps_used(), 4100);
}

TEST_F(BudgetTest, code_without_a_loop_is_paid_for_by_the_call) {
  std::string body;
  for (int i = 0; i < 800; ++i) body += "x = x + 1 ";
  const std::string chunk = "local x = 0 " + body + "return x";
  EXPECT_EQ(run(chunk.c_str()), "800");
  EXPECT_GE(steps_used(), 200);
}

TEST_F(BudgetTest, an_empty_budget_says_so_with_the_message_that_a_handler_cannot_change) {
  EXPECT_EQ(run("xpcall(function() while true do end end, function() handled = true end)"),
            "instruction budget exceeded");
  EXPECT_TRUE(is_blown());
  EXPECT_EQ(run("return handled"), "nil");
  EXPECT_FALSE(is_blown());
}

TEST_F(BudgetTest, every_kind_of_loop_ends) {
  for (const char* loop : {
           "while true do end",
           "repeat until false",
           "::again:: goto again",
           "for i = 1, math.huge do end",
           "for i = 1.5, math.huge do end",
           "for _ in function() return 1 end do end",
           "for _ in next, {1}, nil do while true do end end",
           "local function f() return f() end f()",
           "local function f() f() end while true do pcall(f) end",
           "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) "
           "while true do pcall(function() return t[1] end) end",
       }) {
    EXPECT_EQ(run(loop), "instruction budget exceeded") << loop;
    EXPECT_TRUE(is_blown()) << loop;
  }
}

TEST_F(BudgetTest, nothing_catches_it_for_good) {
  for (
      const char* script : {
          "while true do pcall(function() while true do end end) end",
          "while true do xpcall(function() while true do end end, print) end",
          "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
          "local co = coroutine.wrap(function() while true do pcall(coroutine.yield) end end) "
          "while true do co() end",
          "while true do pcall(function() local x <close> = setmetatable({}, {__close = function() "
          "while true do end end}) end) end",
          "while true do local co = coroutine.create(function() local x <close> = setmetatable({}, "
          "{__close = function() while true do end end}) coroutine.yield() end) "
          "coroutine.resume(co) coroutine.close(co) end",
          "string.rep = 1 pcall = nil tostring = nil while true do end",
      }) {
    EXPECT_EQ(run(script), "instruction budget exceeded") << script;
    EXPECT_TRUE(is_blown()) << script;
  }
}

TEST_F(BudgetTest, calls_nested_through_c_end_with_an_error_whatever_nests) {
  for (const char* script : {
           "local function f() return pcall(f) end return select('#', f())",
           "local function f() coroutine.wrap(f)() end f()",
           "local function f() local co = coroutine.create(function() local x <close> = "
           "setmetatable({}, {__close = f}) coroutine.yield() end) coroutine.resume(co) "
           "coroutine.close(co) end f()",
           "return load(('('):rep(1000) .. '1' .. (')'):rep(1000))",
       })
    run(script, 50 * kSteps);
  EXPECT_EQ(run("return 'alive'"), "alive");
}

TEST_F(BudgetTest, a_string_over_its_bound_is_no_memory) {
  EXPECT_EQ(
      run("local s = ('x'):rep(2^19) return pcall(function() return s .. s .. s end)", kSteps),
      "false");
  EXPECT_FALSE(is_blown());
}

TEST_F(BudgetTest, no_call_fails_because_it_meets_the_change_of_the_table_of_strings) {
  constexpr long long kCallSteps = 100'000;
  run("kept, n = {}, 0 for i = 1, 40000 do kept[i] = false end");
  for (const char* chunk : {"for i = n + 1, n + 40 do kept[i] = 'key ' .. i end n = n + 40",
                            "for i = n - 39, n do kept[i] = false end n = n - 40"})
    for (int call = 0; call < 1000; ++call) {
      run(chunk, kCallSteps);
      ASSERT_FALSE(is_blown()) << chunk << ", call " << call;
    }
}

TEST_F(BudgetTest, a_nan_has_no_sign_in_text) {
  EXPECT_EQ(run("return 0/0 .. ' ' .. -(0/0) .. ' ' .. ('%.1f %g'):format(0/0, -(0/0))"),
            "nan nan nan nan");
}

TEST_F(BudgetTest, finalizers_of_ours_run_after_the_budget_is_blown) {
  lua_newuserdatauv(lua_, sizeof(bool*), 0);
  bool finalized = false;
  *static_cast<bool**>(lua_touserdata(lua_, -1)) = &finalized;
  lua_newtable(lua_);
  lua_pushcfunction(lua_, [](lua_State* L) {
    **static_cast<bool**>(lua_touserdata(L, 1)) = true;
    return 0;
  });
  lua_setfield(lua_, -2, "__gc");
  lua_setmetatable(lua_, -2);
  lua_setglobal(lua_, "object");
  // Its end may be an allocation, which fails as one that has no memory.
  run("object = nil while true do local t = {} end");
  EXPECT_TRUE(is_blown());
  lua_gc(lua_, LUA_GCCOLLECT);
  EXPECT_TRUE(finalized);
}

/// What others do while a long call pauses: one works outside all budgets, as closing a state does,
/// and one makes a call.
int use_the_meter(void* pauses) {
  ++*static_cast<int*>(pauses);
  nflua_charge(nullptr, 2 * NFLUA_STEPS_PER_PAUSE);
  nflua_budget other{};
  nflua_budget_enter(&other, 1);
  nflua_budget_leave();
  return 1;
}

int end_the_call(void*) { return 0; }

TEST_F(BudgetTest, a_long_call_pauses_and_goes_on_with_what_is_left) {
  constexpr const char* kSum = "local n = 0 for i = 1, 100000 do n = n + i end return n";
  const std::string sum = run(kSum);
  const long long used = steps_used();
  int pauses = 0;
  budget_.pause = use_the_meter;
  budget_.pause_argument = &pauses;
  EXPECT_EQ(run(kSum), sum);
  EXPECT_EQ(steps_used(), used);
  // Each part is used up by a little more than it had.
  EXPECT_LE(pauses, used / NFLUA_STEPS_PER_PAUSE);
  EXPECT_GE(pauses, used / NFLUA_STEPS_PER_PAUSE - 2);
}

TEST_F(BudgetTest, a_call_that_pauses_ends_at_its_budget_for_good) {
  int pauses = 0;
  budget_.pause = use_the_meter;
  budget_.pause_argument = &pauses;
  EXPECT_EQ(run("while true do pcall(function() while true do end end) end"),
            "instruction budget exceeded");
  EXPECT_TRUE(is_blown());
  EXPECT_EQ(pauses, kSteps / NFLUA_STEPS_PER_PAUSE - 1);
}

TEST_F(BudgetTest, a_pause_may_end_the_call) {
  budget_.pause = end_the_call;
  EXPECT_EQ(run("while true do pcall(function() while true do end end) end"),
            "instruction budget exceeded");
  EXPECT_TRUE(is_blown());
}

}  // namespace
