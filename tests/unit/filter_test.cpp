// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/packets.hpp"

namespace nflua::replay {
namespace {

using test::Buffer;
using test::ethernet;
using test::ipv4;
using test::ipv6;
using test::operator+;
using testing::HasSubstr;

constexpr LinkType kEthernet{1};

Filter compiled(const std::string& expression) {
  Outcome<Filter> filter = Filter::compile(expression);
  EXPECT_TRUE(bool(filter)) << filter.failure().message();
  return std::move(*filter);
}

/// `missing_bytes`: of the packet on the wire, not captured.
bool matches(Filter& filter, LinkType link_type, Buffer frame, uint32_t missing_bytes = 0) {
  const Failure failure = filter.prepare(link_type);
  EXPECT_FALSE(bool(failure)) << failure.message();
  Record record;
  record.captured = {frame.data(), frame.size()};
  record.original_length = uint32_t(frame.size()) + missing_bytes;
  return filter.matches(link_type, record);
}

Buffer dns(const std::vector<uint16_t>& vlans = {}) {
  return ethernet(ipv4("10.0.0.1", "10.0.0.2").udp(1000, 53).build(), vlans);
}

TEST(filter, tells_what_is_inside_from_what_is_outside) {
  const Buffer arp(60);
  struct {
    const char* expression;
    Buffer frame;
    bool is_inside;
  } const cases[] = {
      {"udp port 53", dns(), true},
      {"udp port 54", dns(), false},
      {"udp port 53", arp, false},
      {"not udp", dns(), false},
      {"not udp", arp, true},
      {"host 10.0.0.2", dns(), true},
      {"dst host 10.0.0.1", dns(), false},
      {"ip6 and udp", ethernet(ipv6().udp(1, 2).build()), true},
      {"ether src 02:00:00:00:00:01", dns(), true},
      {"udp port 53", dns({7}), false},
      {"vlan 7 and udp port 53", dns({7}), true},
      {"vlan 8 and udp port 53", dns({7}), false},
      {"vlan 7 and vlan 8 and udp port 53", dns({7, 8}), true},
      {"", dns(), true},
  };
  for (const auto& test : cases) {
    Filter filter = compiled(test.expression);
    EXPECT_EQ(matches(filter, kEthernet, test.frame), test.is_inside) << test.expression;
  }
}

TEST(filter, one_expression_serves_each_link_type) {
  Filter filter = compiled("udp port 53");
  const Buffer packet = ipv4().udp(1000, 53).build();
  const Buffer other = ipv4().udp(1000, 54).build();
  struct {
    uint16_t link_type;
    Buffer header;
  } const cases[] = {
      {1, {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0}},
      {0, {2, 0, 0, 0}},
      {12, {}},
      {14, {}},
      {101, {}},
      {108, {0, 0, 0, 2}},
      {113, {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}},
      {228, {}},
      {276, {8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}},
  };
  for (const auto& test : cases) {
    EXPECT_TRUE(matches(filter, LinkType{test.link_type}, test.header + packet)) << test.link_type;
    EXPECT_FALSE(matches(filter, LinkType{test.link_type}, test.header + other)) << test.link_type;
  }
}

TEST(filter, lengths_are_those_on_the_wire) {
  Filter filter = compiled("greater 1000");
  EXPECT_FALSE(matches(filter, kEthernet, dns()));
  EXPECT_TRUE(matches(filter, kEthernet, dns(), 1000));
}

TEST(filter, what_the_capture_cut_off_is_outside) {
  Filter filter = compiled("udp[9] != 5");
  EXPECT_FALSE(matches(filter, kEthernet, dns(), 100));
  EXPECT_FALSE(matches(filter, kEthernet, {}));
}

TEST(filter, an_expression_that_never_makes_sense_is_refused) {
  const Failure failure = Filter::compile("udp prt 53").failure();
  EXPECT_THAT(failure.message(), HasSubstr("--filter 'udp prt 53': "));
  EXPECT_THAT(failure.message(), HasSubstr("see pcap-filter(7)"));
}

TEST(filter, an_expression_without_meaning_for_a_link_type_is_refused_there) {
  Filter filter = compiled("ether src 02:00:00:00:00:01");
  EXPECT_TRUE(matches(filter, kEthernet, dns()));
  const std::string message = filter.prepare(LinkType{101}).message();
  EXPECT_THAT(message, HasSubstr("--filter 'ether src 02:00:00:00:00:01': "));
  EXPECT_THAT(message, HasSubstr("the capture has packets of link type RAW (101)"));
  EXPECT_TRUE(matches(filter, kEthernet, dns())) << "elsewhere it still works";
}

}  // namespace
}  // namespace nflua::replay
