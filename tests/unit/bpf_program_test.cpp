// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/bpf_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/packets.hpp"

namespace nflua {
namespace {

using test::Buffer;
using test::ipv4;
using test::ipv6;
using testing::HasSubstr;

const Buffer kDns = ipv4("10.0.0.1", "10.0.0.2").udp(1000, 53).build();

/// `missing_bytes`: of the packet on the wire, not captured.
bool matches(const char* expression, const Buffer& packet, uint32_t missing_bytes = 0) {
  Outcome<BpfProgram> program = BpfProgram::compile(expression);
  EXPECT_TRUE(bool(program)) << program.failure().message();
  return program->matches({packet.data(), packet.size()}, uint32_t(packet.size()) + missing_bytes);
}

TEST(bpf_program, tells_what_is_inside_from_what_is_outside) {
  struct {
    const char* expression;
    Buffer packet;
    bool is_inside;
  } const cases[] = {
      {"udp port 53", kDns, true},
      {"udp port 54", kDns, false},
      {"not udp", kDns, false},
      {"host 10.0.0.2", kDns, true},
      {"dst host 10.0.0.1", kDns, false},
      {"ip6 and udp", ipv6().udp(1, 2).build(), true},
      {"ip6", kDns, false},
      {"ip[0] = 0x45 and udp[2:2] = 53", kDns, true},
      {"ether proto 0x0800", kDns, true},
      {"arp or udp", kDns, true},
      {"", kDns, true},
  };
  for (const auto& test : cases)
    EXPECT_EQ(matches(test.expression, test.packet), test.is_inside) << test.expression;
}

TEST(bpf_program, lengths_are_those_on_the_wire) {
  EXPECT_FALSE(matches("greater 1000", kDns));
  EXPECT_TRUE(matches("greater 1000", kDns, 1000));
}

TEST(bpf_program, what_the_capture_cut_off_is_outside) {
  EXPECT_FALSE(matches("udp[9] != 5", kDns, 100));
  EXPECT_FALSE(matches("udp[9] != 5", {}));
}

TEST(bpf_program, an_expression_that_makes_no_sense_is_refused) {
  const Failure failure = BpfProgram::compile("udp prt 53").failure();
  EXPECT_THAT(failure.message(), HasSubstr("--filter 'udp prt 53': "));
  EXPECT_THAT(failure.message(), HasSubstr("pcap-filter(7)"));
}

/// "port 1000 or port 1001 …"
std::string ports(int count) {
  std::string expression = "port 1000";
  for (int i = 1; i < count; ++i) expression += fmt::format(" or port {}", 1000 + i);
  return expression;
}

TEST(bpf_program, a_long_expression_is_compiled_without_the_optimizer) {
  Outcome<BpfProgram> few = BpfProgram::compile(ports(40));
  ASSERT_TRUE(bool(few)) << few.failure().message();
  EXPECT_TRUE(few->is_optimized());
  EXPECT_LT(few->size(), 200u);
  Outcome<BpfProgram> many = BpfProgram::compile(ports(100));
  ASSERT_TRUE(bool(many)) << many.failure().message();
  EXPECT_FALSE(many->is_optimized());
  EXPECT_GT(many->size(), kMaxOptimizedInstructions);
  EXPECT_TRUE(matches(ports(100).c_str(), ipv4().udp(1099, 1).build()));
  EXPECT_FALSE(matches(ports(100).c_str(), ipv4().udp(1100, 1).build()));
}

TEST(bpf_program, an_expression_that_would_take_too_long_to_compile_is_refused) {
  EXPECT_TRUE(bool(BpfProgram::compile("udp" + std::string(kMaxFilterBytes - 3, ' '))));
  const Failure failure =
      BpfProgram::compile("udp" + std::string(kMaxFilterBytes - 2, ' ')).failure();
  EXPECT_THAT(failure.message(), HasSubstr("--filter has 4097 bytes, at most 4096"));
}

TEST(bpf_program, an_expression_about_the_link_layer_is_refused) {
  for (const char* expression :
       {"ether src 02:00:00:00:00:01", "vlan 7 and udp", "mpls", "arp", "ether multicast",
        "ether[0] = 1", "udp and not(ether [12:2]=0x0800)", "link[0] & 1 = 0", "ip[link[0]:1] = 1",
        "wlan[0] = 8"}) {
    const Outcome<BpfProgram> program = BpfProgram::compile(expression);
    EXPECT_FALSE(bool(program)) << expression;
    EXPECT_THAT(program.failure().message(), HasSubstr("without link layer")) << expression;
  }
}

TEST(bpf_program, an_expression_about_what_only_the_kernel_knows_is_refused) {
  for (const char* expression : {"inbound", "udp and not outbound", "ifindex 2"}) {
    const Outcome<BpfProgram> program = BpfProgram::compile(expression);
    EXPECT_FALSE(bool(program)) << expression;
    EXPECT_THAT(program.failure().message(), HasSubstr("--in-interface")) << expression;
  }
}

TEST(bpf_program, a_name_that_ends_as_a_link_layers_is_none) {
  EXPECT_TRUE(bool(BpfProgram::compile("icmp[icmptype] = 8 and ip[0]=0x45")));
}

}  // namespace
}  // namespace nflua
