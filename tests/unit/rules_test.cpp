// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/rules.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/packets.hpp"
#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

Rule rule(RuleKind kind, const char* function) {
  Rule rule;
  rule.kind = kind;
  strcpy(rule.function, function);
  return rule;
}
Rule match(const char* function) { return rule(RuleKind::match, function); }
Rule target(const char* function) { return rule(RuleKind::target, function); }

class Rules : public testing::Test {
 protected:
  Rules()
      : script_(R"(
          function yes() return true end
          function no() return false end
          function hot() return 'hotdrop' end
          function odd() return 1 end
          function broken() error('broken') end
          function accept() calls = (calls or 0) + 1; return 'accept' end
          function nothing() end
          function again() return 'repeat' end
          function twice()
            seen = (seen or 0) + 1
            return seen < 3 and 'repeat' or 'accept'
          end
        )"),
        packet_(ipv4().tcp(1, 2).payload("x").build()) {}

  Decision decide(std::vector<Rule> rules) {
    rules_ = std::move(rules);
    for (Rule& rule : rules_)
      if (!rule.state) rule.state = &script_.state();
    return run_rules(rules_.data(), rules_.size(), packet_);
  }

  Script script_;
  FakePacket packet_;
  std::vector<Rule> rules_;
};

TEST_F(Rules, a_packet_whose_headers_keep_it_from_a_tcp_payload_rule_is_counted) {
  packet_.world().bytes = ipv4().tcp(1, 2).payload("x").lie8(32, 0xf0).build();
  Rule rule = match("yes");
  rule.tcp_payload_only = true;
  EXPECT_EQ(decide({rule}).verdict.kind, VerdictKind::proceed);
  EXPECT_EQ(script_.state().counters().calls, 0U);
  EXPECT_EQ(script_.state().counters().unreadable, 1U);
  packet_.world().bytes = ipv4().udp(1, 2).payload("x").lie16(24, 7).build();
  EXPECT_EQ(decide({rule}).verdict.kind, VerdictKind::proceed);
  EXPECT_EQ(script_.state().counters().unreadable, 1U) << "not TCP, whatever its payload";
}

TEST_F(Rules, without_rules_nothing_is_decided) {
  const Decision decision = decide({});
  EXPECT_EQ(decision.verdict.kind, VerdictKind::proceed);
  EXPECT_EQ(decision.rule, nullptr);
}

TEST_F(Rules, the_first_rule_that_decides_ends_the_list) {
  const Decision decision =
      decide({match("no"), target("nothing"), match("yes"), target("accept")});
  EXPECT_EQ(decision.verdict.kind, VerdictKind::drop);
  EXPECT_STREQ(decision.rule->function, "yes");
  EXPECT_EQ(rules_[3].calls, 0U);
}

TEST_F(Rules, hotdrop_drops_whatever_the_rule_says) {
  Rule rule = match("hot");
  rule.on_match = {VerdictKind::accept};
  EXPECT_EQ(decide({rule}).verdict.kind, VerdictKind::drop);
}

TEST_F(Rules, errors_and_odd_answers_are_no_match_and_counted) {
  for (const char* function : {"odd", "broken", "missing"}) {
    EXPECT_EQ(decide({match(function), target("accept")}).verdict.kind, VerdictKind::accept);
    EXPECT_EQ(rules_[0].errors, 1U) << function;
  }
  EXPECT_EQ(script_.state().counters().errors, 3U);
  EXPECT_NE(script_.errors().find("couldn't find function: missing"), std::string::npos);
}

TEST_F(Rules, a_match_sets_only_the_marks_bits_in_its_mask) {
  Rule rule = match("yes");
  rule.on_match = {VerdictKind::accept};
  rule.mark = 0xff;
  rule.mark_mask = 0x0f;
  packet_.world().mark = 0xf0;
  EXPECT_EQ(decide({rule}).verdict.kind, VerdictKind::accept);
  EXPECT_EQ(packet_.mark(), 0xffU);
}

TEST_F(Rules, repeat_starts_the_list_again) {
  EXPECT_EQ(decide({match("no"), target("twice")}).verdict.kind, VerdictKind::accept);
  EXPECT_EQ(rules_[0].calls, 3U);
}

TEST_F(Rules, a_packet_that_repeats_for_ever_is_dropped_counted_and_told) {
  const Decision decision = decide({target("again")});
  EXPECT_EQ(decision.verdict.kind, VerdictKind::drop);
  EXPECT_TRUE(decision.repeated_too_often);
  EXPECT_EQ(rules_[0].calls, 1U + kMaxRepeats);
  EXPECT_NE(script_.errors().find("repeated more than 64 times"), std::string::npos);
}

TEST_F(Rules, tcp_payload_hands_over_only_tcp_with_payload) {
  struct {
    const char* what;
    Buffer in;
    uint64_t calls;
  } cases[] = {
      {"tcp with payload", ipv4().tcp(1, 2).payload("x").build(), 1},
      {"tcp over ipv6", ipv6().tcp(1, 2).payload("x").build(), 1},
      {"tcp without payload", ipv4().tcp(1, 2).build(), 0},
      {"udp", ipv4().udp(1, 2).payload("x").build(), 0},
      {"later fragment of tcp", ipv4().tcp(1, 2).payload("x").fragment(8, false).build(), 0},
      {"no packet at all", {}, 0},
  };
  for (const auto& each : cases) {
    Rule rule = match("yes");
    rule.tcp_payload_only = true;
    FakePacket packet(each.in);
    rule.state = &script_.state();
    run_rules(&rule, 1, packet);
    EXPECT_EQ(rule.calls, each.calls) << each.what;
  }
}

TEST_F(Rules, each_calls_the_function_of_its_own_state) {
  Script other("function answer() return 'accept' end");
  EXPECT_EQ(script_.load("function answer() return 'drop' end"), "");
  std::vector<Rule> rules = {match("no"), target("answer"), target("answer")};
  rules[0].state = &other.state();
  rules[1].state = &other.state();
  const Decision decision = decide(rules);
  EXPECT_EQ(decision.verdict.kind, VerdictKind::accept);
  EXPECT_EQ(decision.rule, &rules_[1]);
  EXPECT_NE(other.errors().find("couldn't find function: no"), std::string::npos);
  EXPECT_EQ(script_.errors(), "");
}

TEST_F(Rules, the_deciding_rule_counts_packets_and_bytes) {
  decide({target("accept")});
  EXPECT_EQ(rules_[0].packets, 1U);
  EXPECT_EQ(rules_[0].bytes, packet_.bytes().size());
}

}  // namespace
}  // namespace nflua::test
