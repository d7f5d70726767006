// SPDX-License-Identifier: GPL-2.0-or-later
// engine/state.cpp: callbacks that can't keep their packet share one object. No script may see
// that. Which functions these are: lua/escape.c.
#include <gtest/gtest.h>

#include "tests/support/packets.hpp"
#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

/// `match` can't keep its packet, and checks what others kept meanwhile.
constexpr const char* kMatch = R"lua(
  function check()
    if not kept then return end
    local ok, message = pcall(function() return kept:tuple() end)
    if ok or not message:find("closed packet", 1, true) then error("kept packet is open") end
    if tostring(kept) ~= "packet (closed)" then error("kept packet shows") end
  end
  function match(pkt) check() return #pkt > 0 and pkt:find("GET") ~= nil end
)lua";

Buffer request() { return ipv4().tcp(40000, 80).payload("GET /").build(); }

TEST(PacketReuse, a_call_that_cannot_keep_its_packet_allocates_nothing) {
  Script script("function match(pkt) return #pkt > 0 and pkt:find('GET') == 41 end");
  FakePacket packet(request());
  EXPECT_EQ(script.match(packet), MatchAnswer::yes);
  script.host().fail_allocations_from(1);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(script.match(packet), MatchAnswer::yes);
  script.host().fail_never();
}

TEST(PacketReuse, each_call_sees_its_own_packet) {
  Script script("function match(pkt) return #pkt == 40 end");
  FakePacket with_payload(request());
  FakePacket without(ipv4().tcp(1, 2).build());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(script.match(with_payload), MatchAnswer::no);
    EXPECT_EQ(script.match(without), MatchAnswer::yes);
  }
}

TEST(PacketReuse, a_packet_kept_in_any_way_stays_closed) {
  const char* functions[] = {
      "function target(p) kept = p end",
      "function target(p) local q = p; kept = q end",
      "function target(p) rawset(_G, 'kept', p) end",
      "function target(...) kept = ... end",
      "function target(p, ...) kept = select(1, p, ...) end",
      "function target(p) local function f() return p end kept = f() end",
      "function target(p) (function() (function() kept = p end)() end)() end",
      "function target(p) coroutine.wrap(function() kept = p end)() end",
      "function target(p) for _, x in next, {p} do kept = x end end",
      "function target(p) local t = setmetatable({}, {__index = p}) kept = p; t = nil end",
      "function target(p) ::a:: if not kept then kept = p goto a end end",
      "function target(p) pcall(p.find, p, 'x') kept = p end",
      "function target(p) kept = p error('x') end",
      "function target(p) kept = select(2, pcall(error, p)) end",
      "function target(p) kept = p while true do end end",
      "function target(p) local _ENV = _ENV; kept = p end",
      "function target(p) keep(p) end function keep(p) kept = p end",
      "function target(p) return keep(p) end function keep(p) kept = p end",
      "local function f(p) kept = p end target = f",
      "target = load('kept = ...')",
      "target = load('return function(p) kept = p end')()",
      "target = coroutine.wrap(function(p) while true do kept = p coroutine.yield() end end)",
      "function target(p) kept = p target = match end",
      "function target(p) kept = p p:frame() end",
  };
  for (const char* function : functions) {
    Script script(std::string(kMatch) + function);
    FakePacket packet(request());
    script.match(packet);
    script.target(packet);
    EXPECT_EQ(script.load("assert(type(kept) == 'userdata') check()"), "") << function;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(script.match(packet), MatchAnswer::yes) << function;
    script.target(packet);
    EXPECT_EQ(script.match(packet), MatchAnswer::yes) << function;
  }
}

TEST(PacketReuse, a_function_that_replaces_another_may_keep_its_packet) {
  Script script(std::string(kMatch) + "function target(pkt) pkt:mark(1) end");
  FakePacket packet(request());
  script.target(packet);
  EXPECT_EQ(script.load("function target(pkt) kept = pkt end"), "");
  script.target(packet);
  EXPECT_EQ(script.load("function target(pkt) check() pkt:mark(2) end"), "");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(script.target(packet).failed) << script.errors();
}

TEST(PacketReuse, a_failed_call_leaves_the_next_one_alone) {
  Script script(R"(
    function match(pkt) return #pkt > 0 end
    function target(pkt)
      pkt:mark(pkt:mark() + 1)
      if pkt:mark() == 1 then error("x") end
      if pkt:mark() == 2 then while true do end end
      if pkt:mark() == 3 then return pkt:unpack("Z") end
      if pkt:mark() == 4 then return pkt:nothing() end
      return "drop"
    end)");
  FakePacket packet(request());
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(script.target(packet).failed) << i;
    EXPECT_EQ(script.match(packet), MatchAnswer::yes) << i;
  }
  EXPECT_EQ(script.target(packet).verdict.kind, VerdictKind::drop);
}

TEST(PacketReuse, a_frame_kept_from_a_call_stays_empty) {
  Script script(R"(
    frames = {}
    function target(pkt)
      frames[#frames + 1] = pkt:frame()
      for i = 1, #frames - 1 do assert(#frames[i] == 0) end
      assert(#frames[#frames] == 14)
    end)");
  FakePacket packet(request());
  packet.world().frame = Buffer(14, 7);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(script.target(packet).failed) << script.errors();
}

TEST(PacketReuse, a_frame_kept_from_a_call_holds_no_later_packet) {
  Script script(R"(
    function match(pkt) frame = pkt:frame() return true end
    function target(pkt) return 'stolen' end)");
  FakePacket packet(request());
  packet.world().frame = Buffer(14, 7);
  script.match(packet);
  script.target(packet);
  EXPECT_EQ(script.load("for i = 1, 20000 do local t = {} end"), "");
  EXPECT_EQ(script.state().counters().abandoned, 1U);
  EXPECT_EQ(packet.log().live, 0);
}

TEST(PacketReuse, a_stolen_packet_is_not_offered_again) {
  Script script("function target(pkt) return pkt:mark() == 1 and 'stolen' or 'accept' end");
  FakePacket stolen(request());
  FakePacket other(request());
  stolen.world().mark = 1;
  script.target(other);
  EXPECT_EQ(script.target(stolen).verdict.kind, VerdictKind::stolen);
  EXPECT_EQ(script.target(other).verdict.kind, VerdictKind::accept);
  EXPECT_EQ(stolen.log().live, 1);
  EXPECT_EQ(script.load("for i = 1, 20000 do local t = {} end"), "");
  EXPECT_EQ(stolen.log().drops, 1);
  EXPECT_EQ(script.target(stolen).verdict.kind, VerdictKind::stolen);
  script.close();
  EXPECT_EQ(stolen.log().drops, 2);
}

// They alone keep the collector going.
TEST(PacketReuse, calls_that_allocate_nothing_find_an_abandoned_packet) {
  Script script(R"(
    function target(pkt) held = pkt return 'stolen' end
    function match(pkt) held = nil return false end)");
  FakePacket packet(request());
  script.target(packet);
  for (int i = 0; i < 20000; ++i) script.match(packet);
  EXPECT_EQ(script.state().counters().abandoned, 1U);
  EXPECT_EQ(packet.log().live, 0);
}

TEST(PacketReuse, calls_survive_each_failing_allocation) {
  for (uint64_t nth = 1; nth < 20; ++nth) {
    Script script("function match(pkt) return #pkt > 0 end");
    FakePacket packet(request());
    script.host().fail_allocation(nth);
    script.match(packet);
    script.host().fail_never();
    EXPECT_EQ(script.match(packet), MatchAnswer::yes);
  }
}

TEST(PacketReuse, calls_survive_a_budget_that_ends_anywhere) {
  for (int64_t steps = 1; steps < 60; ++steps) {
    Script script("function match(pkt) return #pkt > 0 end");
    FakePacket packet(request());
    Limits limits;
    limits.max_instructions = steps;
    script.state().set_limits(limits);
    script.match(packet);
    script.state().set_limits(Limits());
    EXPECT_EQ(script.load("for i = 1, 2000 do local t = {} end"), "");
    EXPECT_EQ(script.match(packet), MatchAnswer::yes);
  }
}

// A script can reach neither what methods are found in, nor replace one.
TEST(PacketReuse, the_methods_are_out_of_a_scripts_reach) {
  Script script("");
  FakePacket packet(request());
  EXPECT_EQ(script.run(R"lua(
    print(getmetatable(pkt), debug)
    print((pcall(setmetatable, pkt, {})))
    print((pcall(rawset, pkt, "find", print)))
    print((pcall(rawget, pkt, "find")))
    print((pcall(next, pkt)))
    print((pcall(function() pkt.find = print end))))lua",
                       packet),
            "packet\tnil\nfalse\nfalse\nfalse\nfalse\nfalse\n");
}

}  // namespace
}  // namespace nflua::test
