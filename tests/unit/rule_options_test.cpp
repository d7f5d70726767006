// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/rule_options.hpp"

#include <gtest/gtest.h>

#include "cli/command_failure.hpp"

namespace nflua::cli {
namespace {

struct GoodVerdict {
  const char* text;
  VerdictKind kind;
  uint16_t queue = 0;
  uint32_t mark = 0;
  uint32_t mark_mask = 0;
};

TEST(RuleOptions, each_verdict_of_a_match_is_read) {
  const GoodVerdict cases[] = {
      {"f", VerdictKind::drop},
      {"f:drop", VerdictKind::drop},
      {"f:accept", VerdictKind::accept},
      {"f:stop", VerdictKind::stop},
      {"f:queue", VerdictKind::queue, 0},
      {"f:queue=0", VerdictKind::queue, 0},
      {"f:queue=65535", VerdictKind::queue, 65535},
      {"f:queue=0x10", VerdictKind::queue, 16},
      {"f:mark=7", VerdictKind::accept, 0, 7, UINT32_MAX},
      {"f:mark=0x10/0xff", VerdictKind::accept, 0, 0x10, 0xff},
      {"f:mark=4294967295/0", VerdictKind::accept, 0, UINT32_MAX, 0},
  };
  for (const GoodVerdict& c : cases) {
    SCOPED_TRACE(c.text);
    const Rule rule = parse_match_rule(c.text);
    EXPECT_EQ(rule.kind, RuleKind::match);
    EXPECT_STREQ(rule.function, "f");
    EXPECT_EQ(rule.on_match.kind, c.kind);
    EXPECT_EQ(rule.on_match.queue, c.queue);
    EXPECT_EQ(rule.mark, c.mark);
    EXPECT_EQ(rule.mark_mask, c.mark_mask);
  }
}

TEST(RuleOptions, what_is_no_verdict_is_a_usage_error_that_quotes_it) {
  const char* const cases[] = {
      "f:",           "f:frob",        "f:Drop",    "f:drop=1",   "f:accept=1",        "f:stop=",
      "f:stolen",     "f:queue=",      "f:queue=x", "f:queue=-1", "f:queue=65536",     "f:queue=1 ",
      "f:mark",       "f:mark=",       "f:mark=1/", "f:mark=/1",  "f:mark=4294967296", "f:mark=0x",
      "f:mark=1/2/3", "f:drop:accept",
  };
  for (const char* text : cases) {
    SCOPED_TRACE(text);
    try {
      parse_match_rule(text);
      ADD_FAILURE() << "was read";
    } catch (const CommandFailure& failure) {
      EXPECT_EQ(failure.status(), kUsage);
      EXPECT_NE(std::string(failure.what()).find(text), std::string::npos) << failure.what();
    }
  }
}

TEST(RuleOptions, a_name_has_1_to_63_bytes) {
  EXPECT_STREQ(parse_match_rule(std::string(63, 'n')).function, std::string(63, 'n').c_str());
  EXPECT_THROW(parse_match_rule(std::string(64, 'n')), CommandFailure);
  EXPECT_THROW(parse_match_rule(""), CommandFailure);
  EXPECT_THROW(parse_match_rule(":drop"), CommandFailure);
}

/// The rules of a command line.
std::vector<Rule> parse(std::vector<std::string> arguments) {
  CLI::App app;
  RuleOptions options;
  options.add_to(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  app.parse(arguments);
  return options.rules(app);
}

TEST(RuleOptions, rules_keep_the_order_of_the_command_line) {
  const std::vector<Rule> rules = parse(
      {"--target", "a", "--match", "b:accept", "--tcp-payload", "--target", "c", "--match", "d"});
  ASSERT_EQ(rules.size(), 4U);
  const char* const names[] = {"a", "b", "c", "d"};
  const RuleKind kinds[] = {RuleKind::target, RuleKind::match, RuleKind::target, RuleKind::match};
  for (size_t i = 0; i < rules.size(); ++i) {
    EXPECT_STREQ(rules[i].function, names[i]);
    EXPECT_EQ(rules[i].kind, kinds[i]);
    EXPECT_EQ(rules[i].tcp_payload_only, i == 1);
  }
}

TEST(RuleOptions, tcp_payload_needs_a_rule_before_it) {
  EXPECT_THROW(parse({"--tcp-payload", "--match", "f"}), CommandFailure);
}

}  // namespace
}  // namespace nflua::cli
