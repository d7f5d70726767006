// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/timer.hpp"

#include <gtest/gtest.h>

#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

/// Garbage enough for the collector to go round, whoever looks at its results afterwards.
constexpr const char* kMakeGarbage = "for i = 1, 200000 do local t = {} end";

TEST(timer, runs_its_function_once_and_not_before_its_time) {
  Script script("timer.create(10, function() print('ran') end)");
  script.host().advance_ms(9);
  EXPECT_EQ(script.printed(), "");
  script.host().advance_ms(1);
  EXPECT_EQ(script.printed(), "ran\n");
  EXPECT_EQ(script.host().run_all_timers(), 0u);
  EXPECT_EQ(script.state().armed_timers(), 0u);
}

TEST(timer, takes_delays_from_none_to_the_largest) {
  Script script("timer.create(0, print) timer.create(0x7fffffff, print) timer.create(1.0, print)");
  EXPECT_EQ(script.state().armed_timers(), 3u);
  EXPECT_EQ(script.host().run_all_timers(), 3u);
}

TEST(timer, refuses_delays_and_functions_that_are_none) {
  const struct {
    const char* call;
    const char* error;
  } kCases[] = {
      {"timer.create(-1, print)", "bad argument #1 to 'create' (out of range)"},
      {"timer.create(1 << 31, print)", "bad argument #1 to 'create' (out of range)"},
      {"timer.create(1.5, print)",
       "bad argument #1 to 'create' (number has no integer representation)"},
      {"timer.create('x', print)", "bad argument #1 to 'create' (number expected, got string)"},
      {"timer.create(1)", "bad argument #2 to 'create' (function expected, got no value)"},
      {"timer.create(1, {})", "bad argument #2 to 'create' (function expected, got table)"},
      {"timer.destroy()", "bad argument #1 to 'destroy' (timer expected, got no value)"},
      {"timer.destroy(memory.create(1))",
       "bad argument #1 to 'destroy' (timer expected, got memory)"},
  };
  Script script("");
  for (const auto& each : kCases) {
    EXPECT_NE(script.load(each.call).find(each.error), std::string::npos) << each.call;
  }
  EXPECT_EQ(script.state().armed_timers(), 0u);
}

TEST(timer, that_is_destroyed_does_not_run) {
  Script script(
      "local t = timer.create(1, function() print('ran') end) "
      "print(timer.destroy(t)) print(timer.destroy(t))");
  EXPECT_EQ(script.printed(), "true\nnil\ttimer already destroyed\n");
  EXPECT_EQ(script.host().armed_timers(), 0u);
  EXPECT_EQ(script.state().armed_timers(), 0u);
}

TEST(timer, can_not_be_destroyed_while_it_runs_nor_afterwards) {
  Script script("t = timer.create(1, function() print(timer.destroy(t)) end)");
  script.host().run_all_timers();
  script.load("print(timer.destroy(t))");
  EXPECT_EQ(script.printed(), "nil\ttimer already destroyed\nnil\ttimer already destroyed\n");
}

TEST(timer, stays_armed_though_the_script_drops_it) {
  Script script("timer.create(1, function() print('ran') end)");
  EXPECT_EQ(script.load(kMakeGarbage), "");
  script.host().run_all_timers();
  EXPECT_EQ(script.printed(), "ran\n");
}

TEST(timer, lets_go_of_its_function_when_it_is_over) {
  Script script(
      "weak = setmetatable({}, {__mode = 'v'}) "
      "local function make(name) weak[name] = function() end return weak[name] end "
      "timer.create(1, make('ran')) timer.destroy(timer.create(1, make('destroyed')))");
  script.host().run_all_timers();
  script.load(kMakeGarbage);
  script.load("print(weak.ran, weak.destroyed)");
  EXPECT_EQ(script.printed(), "nil\tnil\n");
}

TEST(timer, that_ran_may_arm_others) {
  Script script(
      "left = 3 function tick() print(left) left = left - 1 "
      "if left > 0 then timer.create(1, tick) end end timer.create(1, tick)");
  EXPECT_EQ(script.host().run_all_timers(), 3u);
  EXPECT_EQ(script.printed(), "3\n2\n1\n");
}

TEST(timer, destroys_others_in_any_order) {
  Script script(
      "t = {} for i = 1, 5 do t[i] = timer.create(i, function() print(i) end) end "
      "for _, i in ipairs{3, 1, 5} do assert(timer.destroy(t[i])) end");
  EXPECT_EQ(script.state().armed_timers(), 2u);
  EXPECT_EQ(script.host().run_all_timers(), 2u);
  EXPECT_EQ(script.printed(), "2\n4\n");
}

TEST(timer, whose_function_raises_is_reported_and_over) {
  Script script("timer.create(1, function() error('broken') end)");
  script.host().run_all_timers();
  EXPECT_NE(script.errors().find("broken"), std::string::npos);
  EXPECT_EQ(script.state().counters().errors, 1u);
  EXPECT_EQ(script.state().armed_timers(), 0u);
}

TEST(timer, that_can_not_even_begin_is_over) {
  Limits limits;
  limits.max_instructions = 1;
  Script script(
      "weak = setmetatable({function() print('ran') end}, {__mode = 'v'}) "
      "timer.create(1, weak[1])",
      limits);
  script.host().run_all_timers();
  EXPECT_EQ(script.state().armed_timers(), 0u);
  EXPECT_EQ(script.state().counters().errors, 1u);
  script.load(kMakeGarbage);
  EXPECT_EQ(script.load("assert(weak[1] == nil)"), "");
}

TEST(timer, over_the_bound_is_an_error_and_counted) {
  Limits limits;
  limits.max_timers = 2;
  Script script("t = timer.create(1, print) timer.create(1, print)", limits);
  EXPECT_NE(script.load("timer.create(1, print)").find("too many timers"), std::string::npos);
  EXPECT_EQ(script.state().counters().timers_refused, 1u);
  EXPECT_EQ(script.load("timer.destroy(t) timer.create(1, print)"), "");
  EXPECT_EQ(script.state().armed_timers(), 2u);
}

TEST(timer, that_the_host_has_no_memory_for_is_an_error) {
  Script script("");
  script.host().timers_fail = true;
  EXPECT_NE(script.load("timer.create(1, print)").find("not enough memory"), std::string::npos);
  EXPECT_EQ(script.state().armed_timers(), 0u);
}

TEST(timer, is_cancelled_when_its_state_closes) {
  Script script("for i = 1, 10 do timer.create(i, print) end");
  EXPECT_EQ(script.host().armed_timers(), 10u);
  script.close();
  EXPECT_EQ(script.host().armed_timers(), 0u);
  EXPECT_EQ(script.host().live_blocks(), 0u);
}

TEST(timer, is_armed_wholly_or_not_at_all_when_an_allocation_fails) {
  Script script("function go() t = timer.create(5, function() end) end");
  script.fail_each_allocation("go()", [&](bool loaded) {
    EXPECT_EQ(script.state().armed_timers(), script.host().armed_timers());
    EXPECT_EQ(script.host().armed_timers(), loaded ? 1u : 0u);
    if (loaded) {
      EXPECT_EQ(script.load("assert(timer.destroy(t))"), "");
    }
  });
}

}  // namespace
}  // namespace nflua::test
