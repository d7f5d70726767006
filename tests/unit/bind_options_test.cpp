// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/bind_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>

#include "cli/command_failure.hpp"

namespace nflua::cli {
namespace {

using testing::HasSubstr;

using Arguments = std::vector<std::string>;

/// A parsed command line of `nflua bind`.
class Bind {
 public:
  explicit Bind(Arguments arguments) {
    options_.add_to(command_);
    parse_arguments(command_, std::move(arguments));
  }

  queue::PlaceOptions place() const { return options_.place(); }
  /// "match f", "target g", in order. `functions`: what the state defines.
  Arguments rules(const Arguments& functions = {}) const {
    const auto has = [&](const char* name) {
      return std::find(functions.begin(), functions.end(), name) != functions.end();
    };
    Arguments texts;
    for (const Rule& rule : options_.rules(has))
      texts.push_back((rule.kind == RuleKind::match ? "match " : "target ") +
                      std::string(rule.function));
    return texts;
  }

 private:
  CLI::App command_{{}, "bind"};
  BindOptions options_;
};

queue::RuleSelection unbind(Arguments arguments) {
  CLI::App command({}, "unbind");
  UnbindOptions options;
  options.add_to(command);
  parse_arguments(command, std::move(arguments));
  return options.selection();
}

/// What is said of a command line that can't be carried out; it is a usage error.
template <class Action>
std::string failure_of(Action action) {
  try {
    action();
  } catch (const CommandFailure& failure) {
    EXPECT_EQ(failure.status(), kUsage);
    return failure.what();
  }
  ADD_FAILURE() << "was read";
  return {};
}

TEST(BindOptions, a_hook_with_all_that_may_be_said_of_it) {
  const queue::PlaceOptions place = Bind({"--hook",
                                          "forward",
                                          "--priority",
                                          "raw+1",
                                          "--family",
                                          "ip6",
                                          "--in-interface",
                                          "lan*",
                                          "--out-interface",
                                          "wan0",
                                          "--filter",
                                          "udp",
                                          "--fail",
                                          "closed",
                                          "--snaplen",
                                          "128",
                                          "--queue-maxlen",
                                          "10",
                                          "--notrack",
                                          "--connid",
                                          "late"})
                                        .place();
  ASSERT_TRUE(place.placement);
  EXPECT_EQ(place.placement->hook, unsigned(NF_INET_FORWARD));
  EXPECT_EQ(place.placement->priority, -299);
  EXPECT_EQ(place.placement->in_device, "lan*");
  EXPECT_EQ(place.placement->out_device, "wan0");
  EXPECT_FALSE(place.placement->fail_open);
  EXPECT_FALSE(place.queue.fail_open);
  EXPECT_EQ(place.family, NFPROTO_IPV6);
  EXPECT_EQ(place.filter, "udp");
  EXPECT_TRUE(place.filter_program);
  EXPECT_EQ(place.queue.snap_length, 128U);
  EXPECT_EQ(place.queue.max_length, 10U);
  EXPECT_FALSE(place.track);
  EXPECT_EQ(place.id_wish, queue::IdWish::late);
}

TEST(BindOptions, queues_of_the_users) {
  const queue::PlaceOptions place = Bind({"--queue", "3-5"}).place();
  EXPECT_FALSE(place.placement);
  EXPECT_EQ(place.queues.first, 3);
  EXPECT_EQ(place.queues.count, 3);
  EXPECT_TRUE(place.queue.fail_open);
  EXPECT_TRUE(place.track);
}

TEST(BindOptions, the_same_arguments_are_the_same_place) {
  const Arguments here = {"--hook", "input", "--filter", "tcp"};
  EXPECT_TRUE(Bind(here).place() == Bind(here).place());
  EXPECT_TRUE(Bind({"--hook", "input"}).place() ==
              Bind({"--hook", "input", "--match", "f"}).place());
  const Arguments others[] = {
      {"--hook", "output", "--filter", "tcp"},
      {"--hook", "input", "--filter", "udp"},
      {"--hook", "input"},
      {"--hook", "input", "--filter", "tcp", "--priority", "1"},
      {"--hook", "input", "--filter", "tcp", "--in-interface", "eth0"},
      {"--hook", "input", "--filter", "tcp", "--family", "ip"},
      {"--hook", "input", "--filter", "tcp", "--fail", "closed"},
      {"--hook", "input", "--filter", "tcp", "--snaplen", "64"},
      {"--hook", "input", "--filter", "tcp", "--queue-maxlen", "64"},
      {"--hook", "input", "--filter", "tcp", "--notrack"},
      {"--hook", "input", "--filter", "tcp", "--connid", "late"},
  };
  for (const Arguments& other : others) {
    SCOPED_TRACE(testing::PrintToString(other));
    EXPECT_FALSE(Bind(here).place() == Bind(other).place());
  }
}

TEST(BindOptions, a_long_filter_is_refused_before_it_is_compiled) {
  const std::string filter(kMaxBoundFilterBytes + 1, 'x');
  EXPECT_THROW((void)Bind({"--hook", "input", "--filter", filter}).place(), CommandFailure);
}

TEST(BindOptions, other_queues_are_another_place) {
  const auto place = [](const char* queues) { return Bind({"--queue", queues}).place(); };
  EXPECT_FALSE(place("3-5") == place("3-4"));
  EXPECT_FALSE(place("3") == Bind({"--hook", "input"}).place());
}

TEST(BindOptions, rules_are_those_that_are_named_else_the_usual_functions) {
  const Bind named({"--hook", "input", "--target", "g", "--match", "f", "--match", "f"});
  EXPECT_EQ(named.rules({"match"}), (Arguments{"target g", "match f", "match f"}));
  const Bind usual({"--hook", "input"});
  EXPECT_EQ(usual.rules({"target", "match", "other"}), (Arguments{"match match", "target target"}));
  EXPECT_EQ(usual.rules({"target"}), Arguments{"target target"});
  EXPECT_THAT(failure_of([&] { usual.rules({"other"}); }), HasSubstr("no rules"));
}

struct Bad {
  Arguments arguments;
  const char* why;
};

TEST(BindOptions, what_makes_no_sense_is_a_usage_error_that_quotes_it) {
  const Bad cases[] = {
      {{}, "--queue N"},
      {{"--queue", "1", "--hook", "input"}, "--hook"},
      {{"--hook", "sideways"}, "sideways"},
      {{"--hook"}, "--hook"},
      {{"--queue", "x"}, "x"},
      {{"--queue", "65536"}, "65536"},
      {{"--queue", "5-3"}, "5-3"},
      {{"--queue", "0-64"}, "0-64"},
      {{"--queue", "1", "--priority", "raw"}, "--priority"},
      {{"--hook", "input", "--workers", "2"}, "--workers"},
      {{"--hook", "input", "--fail", "ajar"}, "ajar"},
      {{"--hook", "input", "--snaplen", "0"}, "--snaplen"},
      {{"--hook", "input", "--snaplen", "65532"}, "65531"},
      {{"--hook", "input", "--connid", "never"}, "never"},
      {{"--hook", "input", "--filter", "no filter"}, "filter"},
      {{"--hook", "input", "--out-interface", "eth0"}, "eth0"},
      {{"--hook", "output", "--in-interface", "eth0"}, "eth0"},
      {{"--hook", "input", "--in-interface", "a-name-too-long-"}, "a-name-too-long-"},
      {{"--hook", "input", "more"}, "more"},
      {{"--hook", "input", "--strange"}, "--strange"},
      {{"--help"}, "--help"},
      {{"-h"}, "-h"},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(testing::PrintToString(bad.arguments));
    EXPECT_THAT(failure_of([&] { Bind(bad.arguments).place(); }), HasSubstr(bad.why));
  }
}

TEST(UnbindOptions, without_any_all_rules_are_meant) {
  const queue::RuleSelection all = unbind({});
  EXPECT_FALSE(all.hook);
  EXPECT_FALSE(all.queues);
  EXPECT_FALSE(all.rule);
}

TEST(UnbindOptions, a_place_and_a_function) {
  const queue::RuleSelection match = unbind({"--hook", "postrouting", "--match", "f"});
  EXPECT_EQ(match.hook, unsigned(NF_INET_POST_ROUTING));
  ASSERT_TRUE(match.rule);
  EXPECT_EQ(match.rule->kind, RuleKind::match);
  EXPECT_STREQ(match.rule->function, "f");
  const queue::RuleSelection target = unbind({"--queue", "3-4", "--target", "g"});
  ASSERT_TRUE(target.queues && target.rule);
  EXPECT_EQ(target.queues->count, 2);
  EXPECT_EQ(target.rule->kind, RuleKind::target);
}

TEST(UnbindOptions, what_makes_no_sense_is_a_usage_error_that_quotes_it) {
  const Bad cases[] = {
      {{"--hook", "sideways"}, "sideways"},
      {{"--queue", "x"}, "x"},
      {{"--queue", "1", "--hook", "input"}, "--hook"},
      {{"--match", "f", "--target", "f"}, "--target"},
      {{"--match", std::string(64, 'n')}, "nnn"},
      {{"--fail", "open"}, "--fail"},
      {{"--help"}, "--help"},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(testing::PrintToString(bad.arguments));
    EXPECT_THAT(failure_of([&] { unbind(bad.arguments); }), HasSubstr(bad.why));
  }
}

}  // namespace
}  // namespace nflua::cli
