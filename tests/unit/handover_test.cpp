// SPDX-License-Identifier: GPL-2.0-or-later
// State::take_over: what an old state hands to a new one, and that neither suffers when it fails.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

/// Bytes that a collected state may have more than another: what grows with use and stays.
constexpr size_t kSlackBytes = 4096;

/// Takes over; the error's text, empty for none.
std::string hand_over(Script& old, Script& fresh) {
  if (!fresh.state().take_over(old.state())) return {};
  const Text error = fresh.state().last_error();
  return {error.data(), error.size()};
}

/// Whether a state does what it should, after whatever happened.
void expect_usable(Script& script) {
  EXPECT_EQ(script.load("local t = {} for i = 1, 100 do t[i] = {i} end assert(#t == 100)"), "");
  FakePacket packet(ipv4().udp(1, 2).build());
  EXPECT_EQ(script.load("function target() return 'accept' end"), "");
  EXPECT_EQ(script.target(packet).verdict.kind, VerdictKind::accept) << script.errors();
}

/// The error of handing `result`, an expression, over.
std::string refusal(const std::string& result) {
  Script old("function on_unload() return " + result + " end");
  Script fresh("called = false function on_reload() called = true end");
  const std::string error = hand_over(old, fresh);
  EXPECT_EQ(fresh.load("assert(not called)"), "") << result;
  expect_usable(old);
  expect_usable(fresh);
  return error.substr(0, error.find('\n'));
}

TEST(handover, copies_every_kind_of_plain_data) {
  Script old(R"(
    function on_unload()
      return {1, 2.5, -0.0, true, false, "text", "a\0b", {}, {x = {y = {z = "deep"}}},
              [-1] = math.mininteger, [1.5] = math.huge, [true] = "yes", [""] = ("l"):rep(10000)}
    end)");
  Script fresh(R"(
    function on_reload(old)
      assert(math.type(old[1]) == "integer" and old[1] == 1)
      assert(math.type(old[2]) == "float" and old[2] == 2.5)
      assert(1 / old[3] == -math.huge)
      assert(old[4] == true and old[5] == false and old[6] == "text" and old[7] == "a\0b")
      assert(next(old[8]) == nil and old[9].x.y.z == "deep")
      assert(old[-1] == math.mininteger and old[1.5] == math.huge)
      assert(old[true] == "yes" and old[""] == ("l"):rep(10000))
      local entries = 0
      for _ in pairs(old) do entries = entries + 1 end
      assert(entries == 13)
      done = true
    end)");
  EXPECT_EQ(hand_over(old, fresh), "");
  EXPECT_EQ(fresh.load("assert(done)"), "");
}

TEST(handover, keeps_what_is_shared_shared_and_cycles_closed) {
  Script old(R"(
    function on_unload()
      local shared, ring = {}, {}
      ring.next = {next = ring}
      return {a = shared, b = {c = shared}, ring = ring}
    end)");
  Script fresh(R"(
    function on_reload(old)
      assert(old.a == old.b.c and old.a ~= old.b)
      assert(old.ring.next.next == old.ring and old.ring.next ~= old.ring)
      done = true
    end)");
  EXPECT_EQ(hand_over(old, fresh), "");
  EXPECT_EQ(fresh.load("assert(done)"), "");
}

TEST(handover, gives_a_copy_that_the_old_state_does_not_see) {
  Script old("data = {n = {1}} function on_unload() return data end");
  Script fresh("function on_reload(old) old.n[1], old.more = 2, 3 end");
  EXPECT_EQ(hand_over(old, fresh), "");
  EXPECT_EQ(old.load("assert(data.n[1] == 1 and data.more == nil)"), "");
  old.close();
  expect_usable(fresh);
}

TEST(handover, calls_on_reload_with_nil_when_there_is_nothing) {
  for (const char* source : {"", "on_unload = 7", "function on_unload() end",
                             "function on_unload() return nil, {1} end"}) {
    Script old(source);
    Script fresh("function on_reload(...) count, value = select('#', ...), ... end");
    EXPECT_EQ(hand_over(old, fresh), "") << source;
    EXPECT_EQ(fresh.load("assert(count == 1 and value == nil)"), "") << source;
  }
}

TEST(handover, without_on_reload_needs_no_plain_data) {
  Script old("function on_unload() unloaded = true return {print} end");
  Script fresh("");
  EXPECT_EQ(hand_over(old, fresh), "");
  EXPECT_EQ(old.load("assert(unloaded)"), "");
  expect_usable(fresh);
}

TEST(handover, refuses_what_is_no_plain_data_and_says_where) {
  const struct {
    const char* result;
    const char* error;
  } kCases[] = {
      {"{f = print}", "on_unload: 'f' is a function value"},
      {"{1, {[2.5] = memory.create(1)}}", "on_unload: '2.5' is a userdata value"},
      {"{[true] = coroutine.create(print)}", "on_unload: 'true' is a thread value"},
      {"{[print] = 1}", "on_unload: a key is a function value"},
      {"{[{}] = 1}", "on_unload: a key is a table value"},
      {"{t = setmetatable({}, {})}", "on_unload: a table has a metatable"},
      {"setmetatable({}, {__index = print})", "on_unload: a table has a metatable"},
      {"7", "on_unload returned a number value; expected a table or nil"},
      {"print", "on_unload returned a function value; expected a table or nil"},
  };
  for (const auto& each : kCases)
    EXPECT_TRUE(refusal(each.result).starts_with(each.error))
        << each.result << ": " << refusal(each.result);
}

TEST(handover, takes_deep_tables_and_refuses_endless_ones) {
  constexpr const char* kNested =
      "(function(n) local t = {} for _ = 1, n do t = {t} end return t end)";
  Script old(std::string("function on_unload() return ") + kNested + "(1000) end");
  Script fresh(
      "function on_reload(old) depth = 0 while old do old, depth = old[1], depth + 1 end end");
  EXPECT_EQ(hand_over(old, fresh), "");
  EXPECT_EQ(fresh.load("assert(depth == 1001)"), "");
  EXPECT_TRUE(refusal(std::string(kNested) + "(100000)").starts_with("stack overflow"));
}

TEST(handover, tells_an_error_of_either_callback_with_its_traceback) {
  Script failing("function on_unload() error('not now') end");
  Script fresh("function on_reload() error('nor here') end");
  EXPECT_TRUE(hand_over(failing, fresh).starts_with("test.lua:1: not now\nstack traceback:"));
  Script old("");
  EXPECT_TRUE(hand_over(old, fresh).starts_with("test.lua:1: nor here\nstack traceback:"));
  expect_usable(failing);
  expect_usable(fresh);
}

TEST(handover, has_the_budget_of_loading_in_either_state) {
  Limits small;
  small.max_load_instructions = 100'000;
  constexpr const char* kEndless = "while true do pcall(error) end";
  constexpr const char* kExceeded =
      "test.lua:1: instruction budget exceeded; raise --max-load-instructions (now 100000), or do "
      "less";
  Script endless(std::string("function on_unload() ") + kEndless + " end", small);
  Script fresh(std::string("function on_reload() ") + kEndless + " end", small);
  EXPECT_EQ(hand_over(endless, fresh), kExceeded);
  EXPECT_EQ(endless.state().counters().budget_exceeded, 1U);
  Script old("");
  EXPECT_EQ(hand_over(old, fresh), kExceeded);
  EXPECT_EQ(fresh.state().counters().budget_exceeded, 1U);
  expect_usable(endless);
  expect_usable(fresh);
}

TEST(handover, pays_for_the_copy_from_the_new_states_budget) {
  Limits small;
  small.max_load_instructions = 100'000;
  Script old(R"(
    local big = {}
    for i = 1, 100000 do big[i] = i end
    function on_unload() return big end)");
  Script fresh("function on_reload() called = true end", small);
  EXPECT_TRUE(hand_over(old, fresh).starts_with("instruction budget exceeded; raise"));
  EXPECT_EQ(fresh.load("assert(not called)"), "");
  expect_usable(old);
  expect_usable(fresh);
}

TEST(handover, is_bounded_by_the_new_states_bytes) {
  Limits small;
  small.max_bytes = size_t{256} << 10;
  Script old(R"(
    local big = {}
    for i = 1, 1000 do big[i] = ("x"):rep(1000) .. i end
    function on_unload() return big end)");
  Script fresh("function on_reload() end", small);
  EXPECT_EQ(hand_over(old, fresh), "not enough memory");
  EXPECT_LE(fresh.state().bytes_used(), small.max_bytes);
  expect_usable(old);
  expect_usable(fresh);
}

constexpr const char* kSomeData = R"(
  function on_unload()
    local data = {}
    for i = 1, 20 do data[i] = {n = i, s = ("s"):rep(100) .. i, deeper = {{{}}}} end
    return data
  end)";

/// Hands over again and again, each time with the next allocation of one side failing.
void fail_each_allocation(FakeHost& host, Script& old, Script& fresh) {
  for (uint64_t nth = 1;; ++nth) {
    const uint64_t before = host.allocations();
    host.fail_allocation(nth);
    const std::string error = hand_over(old, fresh);
    const bool all_tried = host.allocations() - before < nth;
    host.fail_never();
    EXPECT_TRUE(error.empty() || error == "not enough memory" ||
                error.starts_with("stack overflow"))
        << error;
    expect_usable(old);
    expect_usable(fresh);
    if (all_tried) break;
  }
}

TEST(handover, survives_each_allocation_of_the_old_state_that_fails) {
  Script old(kSomeData);
  Script fresh("function on_reload(old) data = old end");
  fail_each_allocation(old.host(), old, fresh);
}

TEST(handover, survives_each_allocation_of_the_new_state_that_fails) {
  Script old(kSomeData);
  Script fresh("function on_reload(old) data = old end");
  fail_each_allocation(fresh.host(), old, fresh);
}

TEST(handover, leaves_nothing_behind_in_the_old_state) {
  Script old(kSomeData);
  Script refusing("function on_reload() error('no') end");
  constexpr const char* kCollect = "for i = 1, 200000 do local t = {} end";
  EXPECT_NE(hand_over(old, refusing), "");
  EXPECT_EQ(old.load(kCollect), "");
  const size_t before = old.state().bytes_used();
  for (int i = 0; i < 100; ++i) EXPECT_NE(hand_over(old, refusing), "");
  EXPECT_EQ(old.load(kCollect), "");
  EXPECT_LE(old.state().bytes_used(), before + kSlackBytes);
}

TEST(handover, names_the_callback_in_what_it_prints) {
  Script old("function on_unload() print('going') end");
  Script fresh("function on_reload() print('here') end");
  EXPECT_EQ(hand_over(old, fresh), "");
  ASSERT_EQ(old.host().reports.size(), 1U);
  EXPECT_EQ(old.host().reports[0].function, "on_unload");
  ASSERT_EQ(fresh.host().reports.size(), 1U);
  EXPECT_EQ(fresh.host().reports[0].function, "on_reload");
}

}  // namespace
}  // namespace nflua::test
