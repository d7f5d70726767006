// SPDX-License-Identifier: GPL-2.0-or-later
// lua/double/priced.hpp: what takes the software double long is paid for.
#include "lua/double/priced.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

extern "C" {
#include "lauxlib.h"
#include "lua/budget.h"
#include "lualib.h"
}

namespace {

constexpr long long kSteps = 1'000'000;
constexpr int kTurns = 100;

void* allocate(void*, void* block, size_t, size_t bytes) {
  if (bytes > 0) return std::realloc(block, bytes);
  std::free(block);
  return nullptr;
}

/// What a turn of a loop around that expression costs.
long long steps_of(const std::string& expression) {
  lua_State* L = lua_newstate(allocate, nullptr);
  luaL_requiref(L, "math", luaopen_math, 1);
  luaL_requiref(L, "string", luaopen_string, 1);
  luaL_requiref(L, "_G", luaopen_base, 1);
  const std::string chunk = "local x, y = 3.7, 1.1 for _ = 1, " + std::to_string(kTurns) +
                            " do local z = " + expression + " end";
  EXPECT_EQ(luaL_loadstring(L, chunk.c_str()), LUA_OK) << lua_tostring(L, -1);
  nflua_budget budget{};
  nflua_budget_enter(&budget, kSteps);
  EXPECT_EQ(lua_pcall(L, 0, 0, 0), LUA_OK) << lua_tostring(L, -1);
  nflua_budget_leave();
  lua_close(L);
  return (kSteps - budget.steps) / kTurns;
}

TEST(Priced, a_function_costs_more_than_its_call) {
  const long long call = steps_of("math.abs(x)");
  for (const char* expression :
       {"math.sin(x)", "math.cos(x)", "math.tan(x)", "math.asin(x)", "math.acos(x)", "math.sqrt(x)",
        "math.atan(x, y)", "math.exp(x)", "math.log(x)", "math.log(x, 2)", "math.log(x, 10)"})
    EXPECT_GE(steps_of(expression), call + NFLUA_STEPS_PER_FUNCTION - 2) << expression;
  EXPECT_GE(steps_of("x ^ y"), NFLUA_STEPS_PER_FUNCTION);
}

TEST(Priced, text_of_far_exponents_costs_more) {
  const long long far = 1000 / NFLUA_DOUBLINGS_PER_STEP;
  EXPECT_GE(steps_of("'' .. x * 1e-308"), steps_of("'' .. x") + far);
  EXPECT_GE(steps_of("string.format('%.3e', x * 1e307)"),
            steps_of("string.format('%.3e', x)") + far);
  EXPECT_GE(steps_of("tonumber('1e-308')"), steps_of("tonumber('1e-001')") + far);
  EXPECT_GE(steps_of("'1e308' + 1"), steps_of("'1e001' + 1") + far);
}

}  // namespace
