// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/hooks.hpp"

#include <gtest/gtest.h>
#include <linux/netfilter.h>

namespace nflua::queue {
namespace {

TEST(Hooks, have_the_names_that_the_kernel_s_numbers_mean) {
  EXPECT_STREQ(hook_name(NF_INET_PRE_ROUTING), "prerouting");
  EXPECT_STREQ(hook_name(NF_INET_LOCAL_IN), "input");
  EXPECT_STREQ(hook_name(NF_INET_FORWARD), "forward");
  EXPECT_STREQ(hook_name(NF_INET_LOCAL_OUT), "output");
  EXPECT_STREQ(hook_name(NF_INET_POST_ROUTING), "postrouting");
  EXPECT_EQ(hook_name(NF_INET_INGRESS), nullptr);
  EXPECT_EQ(find_hook("forward"), unsigned{NF_INET_FORWARD});
  EXPECT_FALSE(find_hook("FORWARD"));
}

TEST(Hooks, priorities_are_numbers_or_nft_s_names) {
  struct Case {
    const char* text;
    std::optional<int32_t> value;
  };
  const Case cases[] = {
      {"0", 0},           {"-150", -150},
      {"+7", 7},          {"filter", 0},
      {"raw", -300},      {"mangle", -150},
      {"dstnat", -100},   {"security", 50},
      {"srcnat", 100},    {"filter+10", 10},
      {"raw-1", -301},    {"2147483647", INT32_MAX},
      {"2147483648", {}}, {"srcnat+2147483647", {}},
      {"", {}},           {"late", {}},
      {"filter10", {}},   {"filter+", {}},
      {"filter+x", {}},   {"1.5", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_priority(c.text), c.value) << c.text;
}

TEST(Hooks, families_are_nft_s) {
  EXPECT_EQ(find_family("inet"), NFPROTO_INET);
  EXPECT_EQ(find_family("ip"), NFPROTO_IPV4);
  EXPECT_EQ(find_family("ip6"), NFPROTO_IPV6);
  EXPECT_FALSE(find_family("bridge"));
}

}  // namespace
}  // namespace nflua::queue
