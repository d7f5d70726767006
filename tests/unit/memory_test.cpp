// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/memory.hpp"

#include <gtest/gtest.h>

#include "tests/support/lua_vm.hpp"
#include "tests/support/script.hpp"

namespace nflua {
namespace {

struct Case {
  const char* chunk;
  const char* results;
};

class memory : public testing::Test {
 protected:
  template <size_t N>
  void check(const Case (&cases)[N]) {
    for (const Case& each : cases) EXPECT_EQ(vm.run(each.chunk), each.results) << each.chunk;
  }

  test::LuaVm vm{"memory", open_memory};
};

TEST_F(memory, is_created_fixed_resizable_or_as_a_copy) {
  check({
      {"local m = memory.create(3) return memory.type(m), #m, m:get(1, -1)", "fixed 3 0 0 0"},
      {"return #memory.create(0)", "0"},
      {"return #memory.create(3.0)", "3"},
      {"local m = memory.create() return m:type(), #m", "resizable 0"},
      {"local m = memory.create('hello') return m:type(), m", "fixed hello"},
      {"return memory.create('hello', 2), memory.create('hello', -4, -2)", "ello ell"},
      {"return #memory.create('hello', 4, 2), #memory.create('')", "0 0"},
      {"local m = memory.create('abc') local c = memory.create(m, 2) m:set(2, 0) return c", "bc"},
      {"return memory.create('12')", "12"},
  });
}

TEST_F(memory, refuses_a_size_or_source_that_is_none) {
  check({
      {"memory.create(-1)", "error: bad argument #1 to 'create' (invalid size)"},
      {"memory.create(1 << 32)", "error: bad argument #1 to 'create' (invalid size)"},
      {"memory.create(1 << 62)", "error: bad argument #1 to 'create' (invalid size)"},
      {"memory.create(1.5)",
       "error: bad argument #1 to 'create' (number has no integer representation)"},
      {"memory.create({})",
       "error: bad argument #1 to 'create' (string or memory expected, got table)"},
      {"memory.create().resize({}, 1)",
       "error: bad argument #1 to 'resize' (memory expected, got table)"},
      {"memory.create():resize(-1)", "error: bad argument #1 to 'resize' (invalid size)"},
      {"memory.create():resize(1 << 32)", "error: bad argument #1 to 'resize' (invalid size)"},
      {"memory.create(1):resize(1)",
       "error: calling 'resize' on bad self (resizable memory expected)"},
  });
}

TEST_F(memory, tells_its_type_and_length) {
  check({
      {"return memory.type('x'), memory.type(nil), memory.type({}), memory.type(1)",
       "nil nil nil nil"},
      {"memory.type()", "error: bad argument #1 to 'type' (value expected)"},
      {"return memory.len(memory.create(7)), memory.len('four'), memory.len(12)", "7 4 2"},
      {"memory.len()", "error: bad argument #1 to 'len' (string or memory expected, got no value)"},
  });
}

TEST_F(memory, keeps_what_fits_when_resized_and_fills_what_is_new) {
  const char* const kMake = "local m = memory.create() m:resize(3, 'abc') ";
  const Case cases[] = {
      {"return m", "abc"},
      {"m:resize(2) return m, #m", "ab 2"},
      {"m:resize(5) return m:get(1, -1)", "97 98 99 0 0"},
      {"m:resize(2) m:resize(3) return m:get(1, -1)", "97 98 0"},
      {"m:resize(8, 'xy') return m", "abcxyxyx"},
      {"m:resize(8, m) return m", "abcabcab"},
      {"m:resize(1000, m) m:resize(7) return m", "abcabca"},
      {"m:resize(5, '') return m:get(4, 5)", "0 0"},
      {"m:resize(0) return #m, m == m, m", "0 true "},
      {"m:resize(0) m:resize(2, 'q') return m", "qq"},
      {"m:resize(5, 12) return m", "abc12"},
      {"return select('#', m:resize(9))", "0"},
      {"m:resize(5, {})",
       "error: bad argument #2 to 'resize' (string or memory expected, got table)"},
  };
  for (const Case& each : cases) EXPECT_EQ(vm.run(kMake + std::string(each.chunk)), each.results);
}

TEST_F(memory, tells_where_two_differ_and_which_is_less) {
  check({
      {"return memory.diff('abc', 'abd')", "3 true"},
      {"return memory.diff('b', 'abd')", "1 false"},
      {"return memory.diff('abc', memory.create('abc'))", "nil false"},
      {"return memory.diff(memory.create('ab'), 'abc')", "3 true"},
      {"return memory.diff('abc', 'ab')", "3 false"},
      {"return memory.diff('', '')", "nil false"},
      {"return memory.diff('', 'a')", "1 true"},
      {"return memory.diff('\\xff', '\\x01')", "1 false"},
      {"return memory.diff(12, 13)", "2 true"},
      {"local m = memory.create('x') return m:diff(m)", "nil false"},
      {"memory.diff('a')",
       "error: bad argument #2 to 'diff' (string or memory expected, got no value)"},
  });
}

TEST_F(memory, gives_a_part_as_a_string) {
  check({
      {"local m = memory.create('hello') return m:tostring(), tostring(m)", "hello hello"},
      {"local m = memory.create('hello') return m:tostring(2), m:tostring(2, 3)", "ello el"},
      {"local m = memory.create('hello') return m:tostring(-3, -2), m:tostring(0, 99)", "ll hello"},
      {"local m = memory.create('hello') return m:tostring(-99, -5), #m:tostring(3, 2)", "h 0"},
      {"return #memory.tostring('hello', 6), #memory.tostring('hello', 1, -6)", "0 0"},
      {"local i = -1 << 63 return memory.tostring('hello', i, ~i), #memory.tostring('hello', ~i, "
       "i)",
       "hello 0"},
      {"return #memory.create(1 << 20):tostring()", "1048576"},
      {"memory.create((1 << 20) + 1):tostring()", "error: resulting string too large"},
  });
}

TEST_F(memory, gives_bytes_as_numbers) {
  check({
      {"local m = memory.create('abc') return m:get(1), m:get(3), m:get(-1)", "97 99 99"},
      {"local m = memory.create('abc') return m:get(1, 3)", "97 98 99"},
      {"local m = memory.create('abc') return m:get(0, 1)", "97"},
      {"local m = memory.create('abc') return select('#', m:get(4)), select('#', m:get(3, 2))",
       "0 0"},
      {"return memory.get('\\xff\\0', 1, 2)", "255 0"},
      {"memory.get('abc')", "error: bad argument #2 to 'get' (number expected, got no value)"},
      {"memory.get('abc', 'x')", "error: bad argument #2 to 'get' (number expected, got string)"},
  });
  EXPECT_EQ(vm.run("return #{memory.create(1000):get(1, -1)}"), "1000");
  EXPECT_NE(vm.run("memory.create(1 << 24):get(1, -1)").find("stack overflow (too many bytes)"),
            std::string::npos);
}

TEST_F(memory, is_set_byte_by_byte_up_to_its_end) {
  check({
      {"local m = memory.create('abc') m:set(1, 120) return m", "xbc"},
      {"local m = memory.create('abc') m:set(2, 120, 121, 122, 123) return m", "axy"},
      {"local m = memory.create('abc') m:set(-1, 120) m:set(4, 1) m:set(99, 1) return m", "abx"},
      {"local m = memory.create('abc') m:set(0, 120) m:set(-99, 121) return m", "ybc"},
      {"local m = memory.create('abc') return select('#', m:set(1))", "0"},
      {"local m = memory.create(1) m:set(1, 256)",
       "error: bad argument #2 to 'set' (value out of range)"},
      {"local m = memory.create(1) m:set(1, 1, -1)",
       "error: bad argument #3 to 'set' (value out of range)"},
      {"memory.create(1):set()", "error: bad argument #1 to 'set' (number expected, got no value)"},
      {"memory.set('abc', 1, 1)", "error: bad argument #1 to 'set' (memory expected, got string)"},
  });
}

TEST_F(memory, is_unchanged_when_one_of_the_values_to_set_is_wrong) {
  EXPECT_EQ(vm.run("local m = memory.create('abc') pcall(m.set, m, 1, 1, 2, 'x') return m"), "abc");
}

TEST_F(memory, finds_bytes) {
  check({
      {"local m = memory.create('hello world') return m:find('o'), m:find('world')", "5 7"},
      {"local m = memory.create('hello world') return m:find('o', 6), m:find('o', -3)", "8 nil"},
      {"local m = memory.create('hello world') return m:find('o', 1, 4), m:find('o', 1, 5)",
       "nil 5"},
      {"local m = memory.create('hello world') return m:find('lo w', 1, 6), m:find('lo w', 1, 7)",
       "nil 4"},
      {"return memory.find('abcabc', memory.create('bc')), memory.find('abc', 'abcd')", "2 nil"},
      {"return memory.find('abc', 'xxc', 1, -1, 3), memory.find('abc', 'xxc', 1, -1, -1)", "3 3"},
      {"return memory.find('abc', 'abc', 1, -1, -99), memory.find('abc', 'abc', 1, -1, 0)", "1 1"},
      {"return memory.find('abc', 'abc', 1, -1, 4), memory.find('abc', '')", "nil nil"},
      {"return memory.find('', 'a'), memory.find('abc', 'a', 3, 2), memory.find('abc', 'a', 4)",
       "nil nil nil"},
      {"return memory.find(1234, 34)", "3"},
      {"local m = memory.create('aab') return m:find(m), m:find(m, 1, -1, 2)", "1 2"},
      {"memory.find('a', {})",
       "error: bad argument #2 to 'find' (string or memory expected, got table)"},
  });
}

TEST_F(memory, is_filled_with_bytes_repeated) {
  check({
      {"local m = memory.create(5) m:fill(65) return m", "AAAAA"},
      {"local m = memory.create(5) m:fill('xyz') return m", "xyzxy"},
      {"local m = memory.create('.....') m:fill('xyz', 2, 4) return m", ".xyz."},
      {"local m = memory.create('.....') m:fill('xyz', -3) return m", "..xyz"},
      {"local m = memory.create('.....') m:fill('xyz', 1, -1, 2) return m", "yzyzy"},
      {"local m = memory.create('.....') m:fill('xyz', 1, -1, -1) return m", "zzzzz"},
      {"local m = memory.create('.....') m:fill('xyz', 1, -1, -9) return m", "xyzxy"},
      {"local m = memory.create('.....') m:fill('xyz', 1, -1, 4) m:fill('') return m", "....."},
      {"local m = memory.create('.....') m:fill('x', 4, 3) m:fill('x', 9) return m", "....."},
      {"local m = memory.create('.....') m:fill(48, 2, 2) m:fill('1', 3, 3) return m", ".01.."},
      {"local m = memory.create(0) m:fill('x') m:fill(1) return #m", "0"},
      {"local m = memory.create(1) m:fill(256)",
       "error: bad argument #1 to 'fill' (value out of range)"},
      {"local m = memory.create(1) m:fill(nil)",
       "error: bad argument #1 to 'fill' (string or memory expected, got nil)"},
  });
}

TEST_F(memory, may_be_filled_from_itself) {
  check({
      {"local m = memory.create('abcdef') m:fill(m, 3) return m", "ababcd"},
      {"local m = memory.create('abcdef') m:fill(m, 1, -1, 3) return m", "cdefcd"},
      {"local m = memory.create('abcdef') m:fill(m, 2, 5, 5) return m", "aefeff"},
  });
}

TEST_F(memory, packs_values_and_tells_which_did_not_fit) {
  check({
      {"local m = memory.create('....') return m, m:pack('>I2', 1, 0x4142)", "AB.. true 3"},
      {"local m = memory.create('....') return m, m:pack('>I2B', 2, 0x4142, 67)", ".ABC true 5"},
      {"local m = memory.create('....') return m, m:pack('B', -1, 65)", "...A true 5"},
      {"local m = memory.create('...') return m, m:pack('>I2I2', 1, 0x4142, 7)", "AB. false 3 7"},
      {"local m = memory.create('...') return m, m:pack('BI8z', 1, 65, 7, 'x')", "A.. false 2 7 x"},
      {"local m = memory.create('...') return m, m:pack('B', 4, 7)", "... false 4 7"},
      {"local m = memory.create(8) m:pack('d', 1, 1.5) return m:unpack('d')", "1.5 9"},
      {"local m = memory.create('....') return m, m:pack('s1', 1, 'abc')", "\3abc true 5"},
      {"return memory.create(1):pack('', 1)", "true 1"},
  });
}

TEST_F(memory, refuses_to_pack_what_a_format_can_not_hold) {
  check({
      {"memory.create(4):pack('B', 1, 256)",
       "error: bad argument #3 to 'pack' (unsigned overflow)"},
      {"memory.create(4):pack('B', 6, 1)",
       "error: bad argument #2 to 'pack' (position out of range)"},
      {"memory.create(4):pack('B')",
       "error: bad argument #2 to 'pack' (number expected, got no value)"},
      {"memory.create(4):pack('B', 1)",
       "error: bad argument #3 to 'pack' (number expected, got no value)"},
      {"memory.create(4):pack('Q', 1, 1)", "error: invalid format option 'Q'"},
      {"memory.pack('abc', 'B', 1, 1)",
       "error: bad argument #1 to 'pack' (memory expected, got string)"},
  });
}

TEST_F(memory, unpacks_values) {
  check({
      {"return memory.create('ABC'):unpack('>I2')", "16706 3"},
      {"return memory.unpack('ABC', '>I2', 2)", "16963 4"},
      {"return memory.unpack('ABC', 'B', -1)", "67 4"},
      {"return memory.create('\\3abcz\\0'):unpack('s1z')", "abc z 7"},
      {"return memory.unpack('ABC', '', 4)", "4"},
      {"memory.create('ABC'):unpack('I4')", "error: data string too short"},
      {"memory.create('ABC'):unpack('B', 5)",
       "error: bad argument #2 to 'unpack' (position out of range)"},
      {"memory.create():unpack('B')", "error: data string too short"},
  });
}

TEST_F(memory, joins_with_strings_and_memories) {
  check({
      {"local m = memory.create('ab') return m .. 'c', 'c' .. m, m .. m, m .. 1, 1 .. m",
       "abc cab abab ab1 1ab"},
      {"return type(memory.create('ab') .. '')", "string"},
      {"return memory.create('ab') .. {}",
       "error: bad argument #2 to 'concat' (string or memory expected, got table)"},
  });
}

TEST_F(memory, shows_scripts_a_name_for_its_metatable) {
  check({
      {"return getmetatable(memory.create(1)), getmetatable(memory.create())", "memory memory"},
      {"setmetatable(memory.create(1), {})",
       "error: bad argument #1 to 'setmetatable' (table expected, got memory)"},
      {"return memory.create(1).nothing", "nil"},
      {"memory.create(1).x = 1", "error: attempt to index a memory value"},
  });
}

TEST_F(memory, is_emptied_when_a_variable_closes_it) {
  check({
      {"local kept do local m <close> = memory.create() m:resize(9, 'x') kept = m end "
       "return #kept, kept:type(), kept",
       "0 other "},
      {"local kept do local m <close> = memory.create() kept = m end kept:resize(1)",
       "error: calling 'resize' on bad self (resizable memory expected)"},
      {"local m <close> = memory.create(1)", "error: variable 'm' got a non-closable value"},
  });
}

TEST_F(memory, that_refers_to_others_bytes_writes_through_until_it_is_cleared) {
  uint8_t bytes[] = {'a', 'b', 'c'};
  Memory& reference = push_memory_reference(vm.lua(), MutableBytes(bytes, sizeof bytes));
  lua_setglobal(vm.lua(), "m");
  EXPECT_EQ(vm.run("m:set(2, 120) return m:type(), m"), "other axc");
  EXPECT_EQ(bytes[1], 'x');
  clear_reference(reference);
  EXPECT_EQ(vm.run("m:set(1, 1) m:fill(1) return #m, m:get(1), m:find('a')"), "0 nil nil");
  EXPECT_EQ(vm.run("m:resize(1)"),
            "error: calling 'resize' on bad self (resizable memory expected)");
}

TEST_F(memory, reference_can_be_closed_by_a_variable) {
  uint8_t byte = 'a';
  push_memory_reference(vm.lua(), MutableBytes(&byte, 1));
  lua_setglobal(vm.lua(), "m");
  EXPECT_EQ(vm.run("do local c <close> = m end return #m"), "0");
}

TEST_F(memory, reference_keeps_its_owner_alive_until_it_is_closed) {
  uint8_t byte = 'a';
  lua_State* L = vm.lua();
  vm.run("weak = setmetatable({}, {__mode = 'v'})");
  lua_newuserdatauv(L, 0, 0);
  lua_getglobal(L, "weak");
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "owner");
  lua_pop(L, 1);
  push_memory_reference(L, MutableBytes(&byte, 1), lua_gettop(L));
  lua_setglobal(L, "m");
  lua_settop(L, 0);
  vm.collect();
  EXPECT_EQ(vm.run("return weak.owner ~= nil"), "true");
  vm.run("do local c <close> = m end");
  vm.collect();
  EXPECT_EQ(vm.run("return weak.owner ~= nil"), "false");
}

TEST_F(memory, gives_its_bytes_back) {
  vm.collect();
  const size_t before = vm.live_bytes();
  vm.run("local m = memory.create() m:resize(1 << 20) m:resize(10) return memory.create(1 << 20)");
  vm.collect();
  vm.collect();
  EXPECT_LT(vm.live_bytes(), before + 4096);
}

TEST_F(memory, survives_each_allocation_that_fails) {
  const char* const kChunk =
      "local m = memory.create() m:resize(100, 'ab') m:resize(300, m) m:pack('z', 1, 'x') "
      "local c = memory.create(m, 2, -2) c:fill(m) "
      "return #(m .. c) + memory.create(5):len(), c:tostring(1, 4), m:find(12), m:diff(12), "
      "m:unpack('z')";
  const std::string expected = vm.run(kChunk);
  for (size_t nth = 1;; ++nth) {
    vm.collect();
    vm.fail_allocation(nth);
    const std::string results = vm.run(kChunk);
    const bool failed = vm.has_failed();
    vm.fail_never();
    // Lua may get by: it collects garbage and tries once more.
    EXPECT_TRUE(results == expected || results == "error: not enough memory") << results;
    if (!failed) break;
  }
  EXPECT_EQ(vm.run(kChunk), expected);
}

// Some hundred instructions, which alone are far within the budget.
TEST(memory_in_a_state, draws_on_the_budget_for_each_byte) {
  for (const char* call :
       {"memory.create(#m)", "memory.create(m)", "m:fill('x')", "m:fill(0)", "m:find('xy')",
        "m:find(s, 2)", "m:diff(s)", "m:tostring()", "m .. ''", "r:resize(#m) r:resize(0)",
        "m:unpack('z')", "m:pack('c65536', 1, s)", "pcall(m.unpack, s, 'z')"}) {
    Limits limits;
    limits.max_load_instructions = 50'000;
    test::Script script("", limits);
    EXPECT_EQ(script.load("m = memory.create(65536) m:fill('x', 1, -2) s = m:tostring() "
                          "r = memory.create()"),
              "");
    const bool is_expression = std::string(call).find("..") != std::string::npos;
    const std::string statement = (is_expression ? "local x = " : "") + std::string(call);
    EXPECT_EQ(script.load("for i = 1, 5 do " + statement + " end"), "") << call;
    EXPECT_NE(script.load("for i = 1, 100 do " + statement + " end").find("budget"),
              std::string::npos)
        << call;
  }
}

TEST(memory_in_a_state, over_the_states_bytes_is_out_of_memory) {
  Limits limits;
  limits.max_bytes = 1 << 20;
  test::Script script("r = memory.create() r:resize(1000, 'x')", limits);
  for (const char* call : {"memory.create(1 << 20)", "r:resize(1 << 20)", "memory.create(1 << 31)",
                           "r:resize(0xffffffff)"}) {
    EXPECT_EQ(script.load(call), "not enough memory") << call;
    EXPECT_EQ(script.load("assert(#r == 1000 and r:get(-1) == 120)"), "");
  }
  EXPECT_EQ(script.state().counters().memory_exceeded, 4u);
}

// Each lives only until the next one: a collector that did not see their bytes would be late.
TEST(memory_in_a_state, is_collected_in_time) {
  Limits limits;
  limits.max_bytes = 1 << 20;
  test::Script script("", limits);
  EXPECT_EQ(script.load("for i = 1, 100 do local r = memory.create() r:resize(100000) end"), "");
  EXPECT_EQ(script.load("for i = 1, 100 do local r = memory.create(100000) end"), "");
}

}  // namespace
}  // namespace nflua
