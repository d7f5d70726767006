// SPDX-License-Identifier: GPL-2.0-or-later
// Packing and unpacking as a script sees it, against string.pack and string.unpack.
#include "engine/lua/pack.hpp"

#include <gtest/gtest.h>

#include <string>

extern "C" {
#include "lualib.h"
}

namespace nflua {
namespace {

/// ours.unpack(fmt, s [, pos]): as string.unpack, through the cache.
int unpack(lua_State* L) {
  const Format& format = check_format(L, 1, lua_upvalueindex(1));
  const Text data = check_text(L, 2);
  const size_t offset = check_position(L, 3, data.size());
  return push_unpacked(L, format, data.bytes(), offset, "data string too short");
}

/// ours.unpack_integers(fmt, s): no floats.
int unpack_integers(lua_State* L) {
  const Format& format = check_format(L, 1, lua_upvalueindex(1));
  check_no_floats(L, format);
  return push_unpacked(L, format, check_text(L, 2).bytes(), 0, "payload too short");
}

/// ours.pack(fmt, room, values...) → bytes written, then the results of push_packed(). Bytes that
/// were not written are '#'.
int pack(lua_State* L) {
  const Format& format = check_format(L, 1, lua_upvalueindex(1));
  const auto room = size_t(luaL_checkinteger(L, 2));
  auto* bytes = static_cast<uint8_t*>(lua_newuserdatauv(L, room + 1, 0));
  memset(bytes, '#', room);
  // In the place of the room, so that the values stay on top.
  lua_replace(L, 2);
  const int results = push_packed(L, format, {bytes, room}, 0, 3);
  lua_pushlstring(L, reinterpret_cast<char*>(bytes), room);
  lua_insert(L, -results - 1);
  return results + 1;
}

class Pack : public testing::Test {
 protected:
  Pack() {
    luaL_requiref(L, "_G", luaopen_base, 1);
    luaL_requiref(L, "string", luaopen_string, 1);
    luaL_requiref(L, "math", luaopen_math, 1);
    lua_newtable(L);
    constexpr luaL_Reg kFunctions[] = {
        {"unpack", unpack}, {"unpack_integers", unpack_integers}, {"pack", pack}, {}};
    push_format_cache(L);
    luaL_setfuncs(L, kFunctions, 1);
    lua_setglobal(L, "ours");
  }
  ~Pack() override { lua_close(L); }

  /// Runs a chunk; its error message without the place, or nothing.
  std::string run(const std::string& chunk) {
    if (luaL_dostring(L, chunk.c_str()) == LUA_OK) return "";
    const std::string error = lua_tostring(L, -1);
    const std::string kAfterPlace = ": ";
    return error.substr(error.find(kAfterPlace) + kAfterPlace.size());
  }

  lua_State* L = luaL_newstate();
};

/// Makes a random format and values that fit it, packs with both, unpacks with both.
constexpr const char* kDifferential = R"lua(
local seed = ...
math.randomseed(seed)
local random = math.random
local function pick(t) return t[random(#t)] end

local function text(n, zeros)
  local s = ""
  for i = 1, n do s = s .. string.char(random(zeros and 0 or 1, 255)) end
  return s
end

local function integer(size, signed)
  if size >= 8 then
    local v = random(0)
    if not signed and size > 8 and random(2) == 1 then v = v & math.maxinteger end
    return pick{v, 0, -1, 1, math.mininteger, math.maxinteger}
  end
  local v = random(0) & ((1 << 8 * size) - 1)
  if signed then v = v - (1 << (8 * size - 1)) end
  return v
end

local sizes = {b=1, h=2, i=4, l=8, j=8}
local function item(values)
  local kind = random(14)
  if kind <= 4 then
    local option = pick{"b", "h", "i", "l", "j"}
    local signed = random(2) == 1
    values[#values + 1] = integer(sizes[option], signed)
    return signed and option or option:upper()
  elseif kind <= 7 then
    local size, signed = random(16), random(2) == 1
    values[#values + 1] = integer(size, signed)
    return (signed and "i" or "I") .. size
  elseif kind == 8 then
    values[#values + 1] = pick{0.5, -1e300, 1e-40, 1/0, -1/0, random() * 1e10, 3, 1e39, 1e-45}
    return pick{"f", "d", "n"}
  elseif kind == 9 then
    local n = random(0, 9)
    values[#values + 1] = text(random(0, n), true)
    return "c" .. n
  elseif kind == 10 then
    values[#values + 1] = text(random(0, 20), true)
    return pick{"s", "s1", "s2", "s3", "s16"}
  elseif kind == 11 then
    values[#values + 1] = text(random(0, 20))
    return "z"
  elseif kind == 12 then
    return pick{"x", " ", "Xi4", "Xh", "Xd", "Xs2", "Xb"}
  elseif kind == 13 then
    return pick{"<", ">", "="}
  end
  return pick{"!", "!1", "!2", "!4", "!8", "!16"}
end

local function strip(message)
  return (tostring(message):gsub("^.-:%d+: ", ""):gsub("bad argument #%d+ to '.-' ", ""))
end

local function same(a, b, what)
  if #a ~= #b then error(what .. ": " .. #a .. " results, not " .. #b) end
  for i = 1, #a do
    if a[i] ~= b[i] or math.type(a[i]) ~= math.type(b[i]) then
      error(what .. ": result " .. i .. " is " .. tostring(a[i]) .. ", not " .. tostring(b[i]))
    end
  end
end

for round = 1, 2000 do
  local values, format = {}, ""
  for i = 1, random(0, 8) do format = format .. item(values) end
  local ok, theirs = pcall(string.pack, format, values[1], values[2], values[3], values[4],
                           values[5], values[6], values[7], values[8])
  local what = "seed " .. seed .. ", format '" .. format .. "'"
  local mine = {pcall(ours.pack, format, ok and #theirs or 1000, values[1], values[2], values[3],
                values[4], values[5], values[6], values[7], values[8])}
  if ok then
    if not mine[1] then error(what .. ": " .. mine[2]) end
    if mine[2] ~= theirs then error(what .. ": other bytes") end
    if mine[3] ~= true or mine[4] ~= #theirs + 1 then error(what .. ": other end") end
    for _, data in ipairs{theirs, theirs .. "tail", theirs:sub(1, -2)} do
      local a = {pcall(ours.unpack, format, data)}
      local b = {pcall(string.unpack, format, data)}
      if a[1] and b[1] then
        same(a, b, what)
      elseif a[1] ~= b[1] then
        error(what .. ": one of them fails: " .. tostring(a[2]) .. " / " .. tostring(b[2]))
      elseif strip(a[2]):gsub("[()]", "") ~= strip(b[2]):gsub("[()]", "") then
        error(what .. ": " .. strip(a[2]) .. " / " .. strip(b[2]))
      end
    end
  elseif mine[1] then
    error(what .. ": only Lua fails: " .. theirs)
  elseif strip(mine[2]) ~= strip(theirs) then
    error(what .. ": " .. mine[2] .. " / " .. theirs)
  end
end
)lua";

TEST_F(Pack, random_formats_give_what_lua_gives) {
  for (int seed = 1; seed <= 30; seed++) {
    ASSERT_EQ(luaL_loadstring(L, kDifferential), LUA_OK) << lua_tostring(L, -1);
    lua_pushinteger(L, seed);
    ASSERT_EQ(lua_pcall(L, 1, 0, 0), LUA_OK) << lua_tostring(L, -1);
  }
}

TEST_F(Pack, faults_have_the_messages_of_lua) {
  EXPECT_EQ(run(R"lua(
    local function strip(message) return (message:gsub("^bad argument #%d to '.-' ", "")) end
    for _, format in ipairs{"y", "i17", "I0", "!99", "c", "X", "Xz", "!8i3", "Xc1", "X<"} do
      local _, theirs = pcall(string.unpack, format, ("x"):rep(99))
      local _, mine = pcall(ours.unpack, format, ("x"):rep(99))
      assert(strip(mine) == strip(theirs), format .. ": " .. mine .. " / " .. theirs)
    end
    for _, case in ipairs{{"i1", 128}, {"i1", -129}, {"I1", 256}, {"I1", -1}, {"c2", "abc"},
                          {"s1", ("x"):rep(256)}, {"z", "a\0b"}, {"i4", "x"}, {"i4"}, {"i4", 1.5},
                          {"d", "x"}, {"s", {}}} do
      local _, theirs = pcall(string.pack, case[1], case[2])
      local _, mine = pcall(ours.pack, case[1], 1000, case[2])
      assert(strip(mine) == strip(theirs), mine .. " / " .. theirs)
    end
  )lua"),
            "");
}

TEST_F(Pack, what_does_not_fit_comes_back) {
  EXPECT_EQ(run(R"lua(
    local function check(expected, ...)
      local got = {...}
      assert(select("#", ...) == #expected, "number of results")
      for i = 1, #expected do assert(got[i] == expected[i], "result " .. i) end
    end
    check({"\1\2", true, 3}, ours.pack("BB", 2, 1, 2))
    check({"\1\2", false, 3, 3}, ours.pack("BBB", 2, 1, 2, 3))
    check({"\1\2", true, 3, "more"}, ours.pack("BB", 2, 1, 2, "more"))
    check({"\1##", false, 2, 7, 8}, ours.pack(">BI4B", 3, 1, 7, 8))
    check({"\1##", false, 2, 7}, ours.pack(">!4BI4", 3, 1, 7))
    check({"\3ab", false, 4, "cd"}, ours.pack("Bc2s1", 3, 3, "ab", "cd"))
    check({"##", false, 1, "ab"}, ours.pack("z", 2, "ab"))
    check({"", false, 1}, ours.pack("x", 0))
    check({"\0\0\1", true, 4}, ours.pack("xxB", 3, 1))
    check({"\1\0\0", false, 4, 2}, ours.pack("BxxxB", 3, 1, 2))
    check({"", false, 1, "huge"}, ours.pack("c2147483639", 0, "huge"))
  )lua"),
            "");
}

TEST_F(Pack, positions_are_those_of_lua) {
  EXPECT_EQ(run(R"lua(
    for position = -7, 7 do
      local a, mine = pcall(ours.unpack, "B", "abcde", position)
      local b, theirs = pcall(string.unpack, "B", "abcde", position)
      assert(a == b, position)
      assert(not a or mine == theirs, position)
    end
    for _, position in ipairs{math.mininteger, -6, 0} do
      assert(ours.unpack("B", "abcde", position) == 97)
    end
    assert(not pcall(ours.unpack, "", "abcde", math.maxinteger))
    assert(ours.unpack("", "abcde", 6) == 6)
  )lua"),
            "");
}

TEST_F(Pack, floats_can_be_refused) {
  EXPECT_EQ(run("ours.unpack_integers('i4d', 'abcdefghijkl')"), "invalid format option 'd'");
  EXPECT_EQ(run("ours.unpack_integers('i4', 'abc')"), "payload too short");
}

TEST_F(Pack, more_formats_than_slots_stay_right) {
  EXPECT_EQ(run(R"lua(
    for round = 1, 3 do
      for n = 1, 500 do
        local format = ("b"):rep(n % 7) .. "c" .. n
        collectgarbage("step")
        assert(select(-1, ours.unpack(format, ("x"):rep(600))) == n % 7 + n + 1)
        assert(not pcall(ours.unpack, format .. "y", ""))
      end
    end
  )lua"),
            "");
}

TEST_F(Pack, a_format_longer_than_the_bound_is_refused) {
  EXPECT_EQ(run("ours.unpack(('b'):rep(1025), '')"),
            "bad argument #1 to 'unpack' (format too long)");
}

TEST_F(Pack, a_number_is_no_format_but_does_no_harm) {
  EXPECT_EQ(run("ours.unpack(12, '')"), "invalid format option '1'");
}

TEST_F(Pack, many_results_need_stack) {
  EXPECT_EQ(run("assert(select('#', ours.unpack(('b'):rep(1000), ('x'):rep(1000))) == 1001)"), "");
}

}  // namespace
}  // namespace nflua
