// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/obstacles.hpp"

#include <gtest/gtest.h>
#include <linux/netfilter.h>

namespace nflua::queue {
namespace {

const Obstacles kAll{{"br0"}, {"vrf1", "vrf2"}, {"ft of table f"}};

PlaceOptions at(unsigned hook, const char* in_device = "") {
  PlaceOptions place;
  place.placement = Placement{};
  place.placement->hook = hook;
  place.placement->in_device = in_device;
  return place;
}

/// The first words tell which advice it is.
std::string told(const PlaceOptions& place, const Obstacles& obstacles) {
  std::string words;
  for (const std::string& text : advice(place, obstacles)) words += text.substr(0, 4) + ";";
  return words;
}

TEST(Obstacles, nothing_is_said_where_there_is_nothing) {
  for (unsigned hook = 0; hook <= NF_INET_POST_ROUTING; ++hook)
    EXPECT_EQ(told(at(hook), {}), "") << hook;
  EXPECT_EQ(told({}, {}), "");
}

TEST(Obstacles, each_hook_hears_what_concerns_it) {
  EXPECT_EQ(told(at(NF_INET_PRE_ROUTING), kAll), "flow;");
  EXPECT_EQ(told(at(NF_INET_LOCAL_IN), kAll), "");
  EXPECT_EQ(told(at(NF_INET_FORWARD), kAll), "brid;flow;");
  EXPECT_EQ(told(at(NF_INET_LOCAL_OUT), kAll), "");
  EXPECT_EQ(told(at(NF_INET_POST_ROUTING), kAll), "brid;flow;");
}

TEST(Obstacles, rules_of_users_may_be_at_any_hook) { EXPECT_EQ(told({}, kAll), "brid;vrf1;flow;"); }

TEST(Obstacles, a_vrf_as_input_device_is_named) {
  EXPECT_EQ(told(at(NF_INET_PRE_ROUTING, "vrf2"), kAll), "vrf2;flow;");
  EXPECT_EQ(told(at(NF_INET_PRE_ROUTING, "eth0"), kAll), "flow;");
  EXPECT_EQ(told(at(NF_INET_FORWARD, "vrf2"), {{}, {"vrf2"}, {}}), "");
}

TEST(Obstacles, many_names_are_not_all_listed) {
  const Obstacles many{{"a", "b", "c", "d", "e", "f", "g"}, {}, {}};
  const std::vector<std::string> texts = advice(at(NF_INET_FORWARD), many);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].substr(0, 35), "bridge a, b, c, d, e and 2 more sho");
}

}  // namespace
}  // namespace nflua::queue
