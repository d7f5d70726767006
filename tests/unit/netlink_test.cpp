// SPDX-License-Identifier: GPL-2.0-or-later
// engine/lua/netlink.cpp
#include <gtest/gtest.h>

#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

TEST(netlink, sends_strings_and_memories_and_tells_how_many_bytes_went) {
  Script script(
      "print(netlink.send(7, 1, 'hello')) print(netlink.send(7, nil, memory.create('abc'))) "
      "print(netlink.send(0, 3, '')) print(netlink.send(7, 0, 12))");
  EXPECT_EQ(script.printed(), "5\n3\n0\n2\n");
  const struct {
    uint32_t port;
    uint32_t groups;
    const char* payload;
  } kSent[] = {{7, 1, "hello"}, {7, 0, "abc"}, {0, 3, ""}, {7, 0, "12"}};
  ASSERT_EQ(script.host().datagrams.size(), std::size(kSent));
  for (size_t i = 0; i < std::size(kSent); ++i) {
    EXPECT_EQ(script.host().datagrams[i].port, kSent[i].port);
    EXPECT_EQ(script.host().datagrams[i].groups, kSent[i].groups);
    EXPECT_EQ(script.host().datagrams[i].payload, kSent[i].payload);
  }
  EXPECT_EQ(script.state().counters().datagrams, 4u);
  EXPECT_EQ(script.state().counters().datagram_failures, 0u);
}

TEST(netlink, takes_every_port_and_group_that_32_bits_can_say) {
  Script script("netlink.send(0xffffffff, 0xffffffff, 'x')");
  ASSERT_EQ(script.host().datagrams.size(), 1u);
  EXPECT_EQ(script.host().datagrams[0].port, 0xffffffffu);
  EXPECT_EQ(script.host().datagrams[0].groups, 0xffffffffu);
}

TEST(netlink, takes_a_port_that_was_in_a_signed_integer) {
  const struct {
    const char* call;
    uint32_t port;
  } kCases[] = {
      {"netlink.send(-1, 0, 'x')", 0xffffffffu},
      {"netlink.send(-2147483505, 0, 'x')", 0x8000008fu},
      {"netlink.send(-2147483648, 0, 'x')", 0x80000000u},
  };
  Script script("");
  for (const auto& each : kCases) {
    EXPECT_EQ(script.load(each.call), "");
    EXPECT_EQ(script.host().datagrams.back().port, each.port) << each.call;
  }
}

TEST(netlink, raises_the_name_of_what_went_wrong_and_counts_it) {
  Script script("");
  script.host().netlink_error = Error("ECONNREFUSED");
  EXPECT_NE(script.load("netlink.send(7, 0, 'x')").find("ECONNREFUSED"), std::string::npos);
  EXPECT_EQ(script.state().counters().datagrams, 0u);
  EXPECT_EQ(script.state().counters().datagram_failures, 1u);
}

TEST(netlink, names_the_argument_that_is_wrong) {
  const struct {
    const char* call;
    const char* error;
  } kCases[] = {
      {"netlink.send(-2147483649, 0, 'x')", "bad argument #1 to 'send' (out of range)"},
      {"netlink.send(1 << 32, 0, 'x')", "bad argument #1 to 'send' (out of range)"},
      {"netlink.send(nil, 0, 'x')", "bad argument #1 to 'send' (number expected, got nil)"},
      {"netlink.send(1, -1, 'x')", "bad argument #2 to 'send' (out of range)"},
      {"netlink.send(1, 1 << 32, 'x')", "bad argument #2 to 'send' (out of range)"},
      {"netlink.send(1, 'g', 'x')", "bad argument #2 to 'send' (number expected, got string)"},
      {"netlink.send(1)", "bad argument #2 to 'send' (number expected, got no value)"},
      {"netlink.send(1, 0)", "bad argument #3 to 'send' (string or memory expected, got no value)"},
      {"netlink.send(1, 0, {})",
       "bad argument #3 to 'send' (string or memory expected, got table)"},
  };
  Script script("");
  for (const auto& each : kCases)
    EXPECT_NE(script.load(each.call).find(each.error), std::string::npos) << each.call;
  EXPECT_TRUE(script.host().datagrams.empty());
  EXPECT_EQ(script.state().counters().datagram_failures, 0u);
}

TEST(netlink, counts_each_datagram_though_an_allocation_fails) {
  Script script("");
  uint64_t counted = 0;
  script.fail_each_allocation("netlink.send(7, 0, 12 + 0.5)", [&](bool loaded) {
    counted += loaded;
    EXPECT_EQ(script.state().counters().datagrams, counted);
    EXPECT_EQ(script.host().datagrams.size(), counted);
  });
  EXPECT_GT(counted, 0u);
}

}  // namespace
}  // namespace nflua::test
