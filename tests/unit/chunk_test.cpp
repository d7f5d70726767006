// SPDX-License-Identifier: GPL-2.0-or-later
// State::evaluate and State::set_limits: what a person at a live state's prompt uses.
#include <gtest/gtest.h>

#include "tests/support/script.hpp"

namespace nflua::test {

namespace {

Text text_of(std::string_view text) { return {text.data(), text.size()}; }

/// The results' text, or the error's first line behind "error: ".
std::string evaluate(Script& script, std::string_view source) {
  const Error error = script.state().evaluate(text_of(source), "repl");
  const Text text = script.state().last_result();
  std::string shown(text.data(), text.size());
  return error ? "error: " + shown.substr(0, shown.find('\n')) : shown;
}

TEST(Evaluate, shows_what_expressions_and_chunks_return) {
  Script script("count = 7");
  const struct {
    const char* what;
    const char* source;
    const char* result;
  } kCases[] = {
      {"an expression", "count * 6", "42"},
      {"several", "1, nil, 'x', true", "1\tnil\tx\ttrue"},
      {"a statement", "count = 8", ""},
      {"which stays", "count", "8"},
      {"a chunk that returns", "local a = 1 return a + 1", "2"},
      {"a call", "string.rep('ab', 2)", "abab"},
      {"nothing", "", ""},
      {"an object with a name", "setmetatable({}, {__tostring = function() return 'it' end})",
       "it"},
      {"an error", "nothing.at_all",
       "error: repl:1: attempt to index a nil value (global 'nothing')"},
      {"no Lua", "1 +", "error: repl:1: unexpected symbol near '1'"},
      {"more to come", "for i = 1, 2 do", "error: repl:1: 'end' expected near <eof>"},
      {"without end", "while true do end",
       "error: repl:1: instruction budget exceeded; raise --max-load-instructions (now 50000000), "
       "or do less"},
  };
  for (const auto& each : kCases)
    EXPECT_EQ(evaluate(script, each.source), each.result) << each.what;
}

TEST(Evaluate, cuts_what_is_longer_than_a_line_of_log) {
  Script script("");
  const std::string cut = evaluate(script, "string.rep('x', 100000), 'more'");
  EXPECT_EQ(cut.size(), kMaxLogBytes);
  EXPECT_TRUE(cut.ends_with("x..."));
  EXPECT_EQ(evaluate(script, "string.rep('x', 4096)"), std::string(kMaxLogBytes, 'x'));
}

TEST(Evaluate, results_by_the_hundred_thousand_do_no_harm) {
  Script script("t = {} for i = 1, 100000 do t[i] = i end");
  const std::string shown = evaluate(script, "table.unpack(t)");
  EXPECT_TRUE(shown.starts_with("1\t2\t3") || shown.starts_with("error: ")) << shown;
  EXPECT_EQ(evaluate(script, "#t"), "100000");
}

TEST(SetLimits, hold_from_the_next_call_on) {
  Script script("function spin() for i = 1, 100000 do end return 'done' end");
  Limits limits;
  limits.max_load_instructions = 1000;
  limits.max_bytes = 1;  // not looked at
  script.state().set_limits(limits);
  EXPECT_NE(evaluate(script, "spin()").find(": instruction budget exceeded"), std::string::npos);
  EXPECT_EQ(script.state().limits().max_bytes, Limits().max_bytes);
  script.state().set_limits(Limits());
  EXPECT_EQ(evaluate(script, "spin()"), "done");
}

TEST(SetLimits, what_is_armed_above_a_new_bound_stays) {
  Script script("for i = 1, 3 do timer.create(1000, function() end) end");
  Limits limits;
  limits.max_timers = 2;
  script.state().set_limits(limits);
  EXPECT_EQ(script.state().armed_timers(), 3U);
  EXPECT_NE(script.load("timer.create(1000, function() end)"), "");
  EXPECT_EQ(script.state().armed_timers(), 3U);
}

}  // namespace

}  // namespace nflua::test
