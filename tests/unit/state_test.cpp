// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/state.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/packets.hpp"
#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

TEST(State, limits_outside_their_bounds_are_refused) {
  FakeHost host;
  Limits limits;
  limits.max_bytes = kMinStateBytes - 1;
  EXPECT_FALSE(State::create(host, "s", limits, 1));
  limits.max_bytes = kMaxStateBytes + 1;
  EXPECT_FALSE(State::create(host, "s", limits, 1));
  EXPECT_FALSE(State::create(host, std::string(kNameBytes, 'n').c_str(), Limits(), 1));
}

TEST(State, the_smallest_state_can_be_made_and_runs_a_callback) {
  Limits limits;
  limits.max_bytes = kMinStateBytes;
  Script script("function match(pkt) return #pkt > 0 end", limits);
  FakePacket packet(ipv4().tcp(1, 2).build());
  EXPECT_EQ(script.match(packet), MatchAnswer::yes);
}

TEST(State, creating_fails_cleanly_whichever_allocation_fails) {
  FakeHost host;
  uint64_t nth = 1;
  for (;; ++nth) {
    host.fail_allocations_from(nth);
    const Result<State*> state = State::create(host, "s", Limits(), 1);
    host.fail_never();
    if (state) {
      (*state)->close();
      break;
    }
    ASSERT_EQ(host.live_blocks(), 0U) << nth;
  }
  EXPECT_GT(nth, 100U);
}

TEST(State, loading_and_calling_survive_each_failing_allocation) {
  Script script("");
  FakePacket packet(ipv4().tcp(1, 2).build());
  for (uint64_t nth = 1; nth < 200; ++nth) {
    script.host().fail_allocation(nth);
    (void)script.state().load(
        "function target(pkt) local t = {} for i = 1, 20 do t[i] = i .. 'x' end end", "t.lua");
    script.target(packet);
    script.host().fail_never();
  }
  EXPECT_EQ(script.load("function target(pkt) return 'accept' end"), "");
  EXPECT_EQ(script.target(packet).verdict.kind, VerdictKind::accept);
}

class Names final : public FunctionVisitor {
 public:
  void visit(Text name) override { names.emplace(name.data(), name.size()); }
  std::set<std::string> names;
};

TEST(State, visiting_shows_the_global_functions_that_a_rule_can_name) {
  Script script(R"(
    function match() end
    helper = function() end
    print = function() end
    from_a_library = string.find
    number, text = 1, "x"
    local function hidden() end
    _G[1] = function() end
    _G[""] = function() end
    _G["a\0b"] = function() end
    _G[("n"):rep(63)] = function() end
    _G[("n"):rep(64)] = function() end)");
  Names visitor;
  EXPECT_FALSE(script.state().visit_functions(visitor));
  EXPECT_EQ(visitor.names,
            (std::set<std::string>{"match", "helper", "print", std::string(63, 'n')}));
}

TEST(State, visiting_more_globals_than_the_budget_allows_says_so) {
  Limits limits;
  limits.max_load_instructions = 50'000;
  Script script("n = 0", limits);
  const char* add_globals = "for i = n, n + 99 do _G[i / 2 + 0.1] = 1 end n = n + 100";
  while (script.load(add_globals) == "") continue;
  Names visitor;
  EXPECT_TRUE(script.state().visit_functions(visitor));
}

TEST(State, nothing_lives_after_close) {
  FakeHost host;
  const Result<State*> state = State::create(host, "s", Limits(), 1);
  ASSERT_TRUE(state);
  EXPECT_FALSE(
      (*state)->load("t = {} for i = 1, 1000 do t[i] = {i} end "
                     "timer.create(10, print) m = memory.create() m:resize(1000)",
                     "s.lua"));
  (*state)->close();
  EXPECT_EQ(host.live_blocks(), 0U);
  EXPECT_EQ(host.armed_timers(), 0U);
}

TEST(State, a_chunk_is_named_as_a_file_only_if_its_name_is_one_printable_line) {
  Script script("");
  struct {
    std::string name;
    std::string shown;
  } cases[] = {{"my filter.lua", "my filter.lua:1:"},
               {"two\nlines", "chunk:1:"},
               {"", "chunk:1:"},
               {std::string(kMaxChunkNameBytes + 1, 'n'), "chunk:1:"}};
  for (const auto& each : cases) {
    (void)script.state().load("error('here')", {each.name.data(), each.name.size()});
    const Text error = script.state().last_error();
    EXPECT_TRUE(std::string(error.data(), error.size()).starts_with(each.shown)) << each.name;
  }
}

TEST(State, bytecode_and_bad_syntax_are_refused_with_a_message) {
  Script script("");
  EXPECT_NE(script.load("\x1bLua").find("attempt to load a binary chunk"), std::string::npos);
  EXPECT_NE(script.load("if").find("test.lua:1:"), std::string::npos);
}

TEST(State, what_a_failed_chunk_did_before_stays) {
  Script script("x = 1");
  EXPECT_NE(script.load("x = 2 error('no')"), "");
  EXPECT_EQ(script.load("assert(x == 2)"), "");
}

TEST(State, a_callback_that_runs_for_ever_ends_and_is_reported_and_the_next_works) {
  Script script(R"(
    function match() while true do end end
    function target() return 'accept' end)");
  FakePacket packet(ipv4().udp(1, 2).build());
  EXPECT_EQ(script.match(packet), MatchAnswer::failed);
  EXPECT_NE(script.errors().find("test.lua:2: instruction budget exceeded; raise "
                                 "--max-instructions (now 1000000), or do less"),
            std::string::npos)
      << script.errors();
  EXPECT_EQ(script.state().counters().budget_exceeded, 1U);
  EXPECT_EQ(script.target(packet).verdict.kind, VerdictKind::accept);
}

TEST(State, a_call_whose_packet_has_unreadable_headers_is_counted_once) {
  Script script(R"(
    function match(pkt)
      pkt:tuple() pkt:payload() pkt:inner() pkt:reply('x')
      return false
    end
    function target(pkt) return pkt:find('x') and 'drop' or nil end)");
  Buffer cut = ipv4().tcp(1, 2).build();
  cut.resize(22);
  FakePacket unreadable(cut);
  FakePacket readable(ipv4().tcp(1, 2).build());
  EXPECT_EQ(script.match(readable), MatchAnswer::no);
  EXPECT_EQ(script.state().counters().unreadable, 0U);
  EXPECT_EQ(script.match(unreadable), MatchAnswer::no);
  EXPECT_EQ(script.state().counters().unreadable, 1U);
  script.target(unreadable);
  EXPECT_EQ(script.state().counters().unreadable, 1U) << "nobody asked for its headers";
  EXPECT_EQ(script.match(unreadable), MatchAnswer::no);
  EXPECT_EQ(script.state().counters().unreadable, 2U);
}

TEST(State, errors_come_with_a_traceback) {
  Script script("local function inner() error('deep') end function match() inner() end");
  FakePacket packet(ipv4().udp(1, 2).build());
  EXPECT_EQ(script.match(packet), MatchAnswer::failed);
  EXPECT_NE(script.errors().find("test.lua:1: deep"), std::string::npos);
  EXPECT_NE(script.errors().find("stack traceback"), std::string::npos);
}

TEST(State, what_does_not_parse_has_no_traceback) {
  Script script("");
  EXPECT_EQ(script.load("function match(").find("traceback"), std::string::npos);
}

TEST(State, queue_takes_numbers_that_are_queues_of_others) {
  Script script("function target() return 'queue', number end");
  script.host().served_queues = {7};
  FakePacket packet(ipv4().udp(1, 2).build());
  struct {
    const char* number;
    bool failed;
    uint16_t queue;
  } cases[] = {{"nil", false, 0},  {"5", false, 5}, {"65535", false, 65535},
               {"65536", true, 0}, {"-1", true, 0}, {"'x'", true, 0},
               {"1.5", true, 0},   {"7", true, 0},  {"5.0", false, 5}};
  for (const auto& each : cases) {
    EXPECT_EQ(script.load(std::string("number = ") + each.number), "");
    const TargetAnswer answer = script.target(packet);
    EXPECT_EQ(answer.failed, each.failed) << each.number;
    EXPECT_EQ(answer.verdict.queue, each.queue) << each.number;
    EXPECT_EQ(answer.verdict.kind, each.failed ? VerdictKind::proceed : VerdictKind::queue);
  }
}

TEST(State, messages_reach_the_receive_callback_and_are_empty_afterwards) {
  Script script("function __receive_callback(port, m) got = port .. tostring(m); kept = m end");
  uint8_t bytes[] = {'h', 'i'};
  EXPECT_FALSE(script.state().receive(9, {bytes, 2}));
  EXPECT_EQ(script.load("assert(got == '9hi' and #kept == 0)"), "");
}

TEST(State, a_message_without_a_receiver_is_an_error) {
  Script script("");
  EXPECT_TRUE(script.state().receive(9, {}));
  EXPECT_NE(script.errors().find("couldn't find receive function: __receive_callback"),
            std::string::npos);
}

// What a failed call leaves is on no stack: the collection that a nearly full state asks for must
// not free it before it is closed.
TEST(State, a_failed_call_in_a_nearly_full_state_is_ended_before_garbage_is_collected) {
  Limits limits;
  limits.max_bytes = 128 * 1024;
  Script script(R"(
    keep = {}
    function fill()
      while true do keep[#keep + 1] = memory.create(1000) end
    end
    pcall(fill)
    keep[#keep], keep[#keep - 1], keep[#keep - 2] = nil
    function target(pkt) pkt:frame() error('no') end
    function __receive_callback() error('no') end)",
                limits);
  FakePacket packet(ipv4().udp(1, 2).build());
  packet.world().frame = Buffer(14, 7);
  uint8_t message[] = {1};
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(script.target(packet).failed);
    EXPECT_TRUE(script.state().receive(1, {message, 1}));
  }
  EXPECT_GT(script.state().bytes_used(), limits.max_bytes / 8 * 7);
}

TEST(State, results_by_the_thousand_do_no_harm) {
  Script script(R"(
    local t = {} for i = 1, 3000 do t[i] = 'accept' end
    function target() return table.unpack(t) end)");
  FakePacket packet(ipv4().udp(1, 2).build());
  EXPECT_EQ(script.target(packet).verdict.kind, VerdictKind::accept);
}

}  // namespace
}  // namespace nflua::test
