// SPDX-License-Identifier: GPL-2.0-or-later
// Filters as nft's rules against their programs as libpcap runs them, over the same packets. The
// rules' expressions are carried out here as the kernel's nf_tables does it.
#include "datapath/queue/filter_rules.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libnftnl/expr.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include "datapath/queue/nft_rule.hpp"
#include "tests/support/packets.hpp"

namespace nflua::queue {
namespace {

using test::Buffer;
using test::ipv4;
using test::ipv6;

/// A rule of nft's that meets a packet.
struct Evaluation {
  Bytes packet;
  /// Of IPv6, where a rule may look, and it must not matter what it finds.
  std::optional<size_t> transport_header6;
  /// A set has the number of its test.
  const FilterRule& tests;
  uint8_t data[16] = {};
  bool passes = true;
};

/// Source: nft_set_pktinfo_ipv4(), nft_payload_eval().
std::optional<size_t> transport_header(const Evaluation& now) {
  constexpr size_t kHeaderBytes = 20;
  const Bytes packet = now.packet;
  if (packet.size() > 0 && packet[0] >> 4 == 6) return now.transport_header6;
  const bool is_later_fragment =
      packet.size() < kHeaderBytes || (packet[6] & 0x1f) != 0 || packet[7] != 0;
  if (is_later_fragment) return {};
  return 4 * (packet[0] & 0xf);
}

void load_payload(const nftnl_expr* expression, Evaluation& now) {
  size_t start = nftnl_expr_get_u32(expression, NFTNL_EXPR_PAYLOAD_OFFSET);
  const size_t bytes = nftnl_expr_get_u32(expression, NFTNL_EXPR_PAYLOAD_LEN);
  EXPECT_LE(start, UINT8_MAX);
  if (nftnl_expr_get_u32(expression, NFTNL_EXPR_PAYLOAD_BASE) == NFT_PAYLOAD_TRANSPORT_HEADER) {
    const std::optional<size_t> header = transport_header(now);
    if (!header) {
      now.passes = false;
      return;
    }
    start += *header;
  }
  now.passes = start + bytes <= now.packet.size();
  if (now.passes) memcpy(now.data, now.packet.data() + start, bytes);
}

void keep_bits(const nftnl_expr* expression, Evaluation& now) {
  uint32_t bytes = 0;
  const auto* mask =
      static_cast<const uint8_t*>(nftnl_expr_get(expression, NFTNL_EXPR_BITWISE_MASK, &bytes));
  for (uint32_t i = 0; i < bytes; ++i) now.data[i] &= mask[i];
}

void compare(const nftnl_expr* expression, Evaluation& now) {
  uint32_t bytes = 0;
  const void* value = nftnl_expr_get(expression, NFTNL_EXPR_CMP_DATA, &bytes);
  const int order = memcmp(now.data, value, bytes);
  switch (nftnl_expr_get_u32(expression, NFTNL_EXPR_CMP_OP)) {
    case NFT_CMP_EQ:
      now.passes = order == 0;
      break;
    case NFT_CMP_NEQ:
      now.passes = order != 0;
      break;
    case NFT_CMP_GTE:
      now.passes = order >= 0;
      break;
    case NFT_CMP_LTE:
      now.passes = order <= 0;
      break;
    default:
      ADD_FAILURE();
  }
}

void look_up(const nftnl_expr* expression, Evaluation& now) {
  const FilterTest& test = now.tests[nftnl_expr_get_u32(expression, NFTNL_EXPR_LOOKUP_SET_ID)];
  const bool is_there = std::ranges::any_of(test.values, [&](uint32_t value) {
    const uint32_t key = in_register(test.field, value);
    return memcmp(now.data, &key, test.field.bytes) == 0;
  });
  const bool inverted =
      (nftnl_expr_get_u32(expression, NFTNL_EXPR_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV) != 0;
  now.passes = is_there != inverted;
}

int evaluate(nftnl_expr* expression, void* evaluation) {
  auto& now = *static_cast<Evaluation*>(evaluation);
  if (!now.passes) return 0;
  const std::string_view name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);
  if (name == "payload") {
    load_payload(expression, now);
  } else if (name == "meta") {
    EXPECT_EQ(nftnl_expr_get_u32(expression, NFTNL_EXPR_META_KEY), uint32_t{NFT_META_LEN});
    const auto length = uint32_t(now.packet.size());
    memcpy(now.data, &length, sizeof length);
  } else if (name == "byteorder") {
    std::reverse(now.data, now.data + sizeof(uint32_t));
  } else if (name == "bitwise") {
    keep_bits(expression, now);
  } else if (name == "cmp") {
    compare(expression, now);
  } else if (name == "lookup") {
    look_up(expression, now);
  } else {
    ADD_FAILURE() << name;
  }
  return 0;
}

bool passes(const FilterRule& tests, Bytes packet, std::optional<size_t> transport_header6) {
  NftRule rule;
  for (size_t i = 0; i < tests.size(); ++i) rule.passes(tests[i], uint32_t(i));
  Evaluation evaluation{packet, transport_header6, tests};
  nftnl_expr_foreach(rule.rule(), evaluate, &evaluation);
  return evaluation.passes;
}

/// nft 1.0.6 makes one test of two "!=" whose fields touch, and another one than both are.
bool has_touching_unequals(const FilterRule& rule) {
  const auto is_whole_unequal = [](const FilterTest& test) {
    return test.comparison == Comparison::not_equal &&
           test.field.base != FieldBase::packet_length &&
           test.field.mask == whole_mask(test.field.bytes);
  };
  for (const FilterTest& left : rule)
    for (const FilterTest& right : rule)
      if (is_whole_unequal(left) && is_whole_unequal(right) &&
          left.field.base == right.field.base && left.field.end() == right.field.offset)
        return true;
  return false;
}

std::vector<Buffer> make_packets() {
  std::vector<Buffer> packets;
  for (const uint16_t port :
       std::initializer_list<uint16_t>{22, 53, 80, 443, 1000, 1500, 2000, 2001}) {
    packets.push_back(ipv4("10.77.1.2", "10.77.2.2").tcp(port, 9).payload("data").build());
    packets.push_back(ipv4("10.77.2.2", "10.77.1.2").udp(9, port).payload("data").build());
    packets.push_back(ipv6("fe80::1", "fd00::1").udp(port, 9).payload("data").build());
    packets.push_back(ipv6("fd00::1", "fe80::2").tcp(9, port).build());
  }
  const auto tcp = [] { return ipv4().tcp(40000, 443); };
  packets.push_back(tcp().flags(TcpFlag::syn).tcp_options({2, 4, 5, 180}).build());
  packets.push_back(tcp().flags(TcpFlag::syn, TcpFlag::ack).build());
  packets.push_back(tcp().flags(TcpFlag::fin, TcpFlag::ack).payload("end").build());
  packets.push_back(tcp().ip_options({1, 1, 1, 0}).payload("options").build());
  packets.push_back(tcp().ip_options(Buffer(40, 1)).payload("options").build());
  packets.push_back(tcp().payload("first fragment").fragment(0, true).build());
  packets.push_back(tcp().payload("later fragment").fragment(1480, false).build());
  packets.push_back(ipv4().udp(53, 53).payload("later").fragment(8, true).build());
  packets.push_back(ipv4("224.0.0.1", "255.255.255.255").udp(53, 5).ttl(3).build());
  packets.push_back(ipv4().icmp_echo().build());
  packets.push_back(ipv6().icmp_echo().build());
  packets.push_back(ipv6().extension(IpProto::destination_options).tcp(1, 443).build());
  packets.push_back(ipv6().tcp(1, 443).payload("fragment").fragment(0, true).build());
  packets.push_back(ipv6().udp(1, 53).payload("fragment").fragment(80, false).build());
  packets.push_back(ipv4().protocol(IpProto(132)).payload(std::string("\0\x35\0\x35", 4)).build());
  packets.push_back(tcp().lie8(0, 0x4f).build());  // a header longer than the packet
  packets.push_back(tcp().lie8(0, 0x05).build());  // no version
  packets.push_back(tcp().payload(std::string(300, 'x')).build());
  return packets;
}

/// Whole and cut off anywhere.
const std::vector<Buffer>& packets() {
  static const std::vector<Buffer> all = [] {
    std::vector<Buffer> cut = make_packets();
    for (const Buffer& packet : make_packets())
      for (size_t bytes = 0; bytes < std::min<size_t>(packet.size(), 120); ++bytes)
        cut.emplace_back(packet.begin(), packet.begin() + ptrdiff_t(bytes));
    return cut;
  }();
  return all;
}

/// The rules, each with what its group has in common.
std::vector<FilterRule> joined(const std::vector<FilterGroup>& groups) {
  std::vector<FilterRule> rules;
  for (const auto& [common, rests] : groups)
    for (const FilterRule& rest : rests) {
      rules.push_back(common);
      rules.back().insert(rules.back().end(), rest.begin(), rest.end());
    }
  return rules;
}

/// Whether bits that are not set lie between others that are.
bool has_gap(uint32_t mask) {
  const uint64_t run = uint64_t{mask} >> std::countr_zero(mask);
  return (run & (run + 1)) != 0;
}

/// Returns how many packets are inside.
size_t expect_same(const BpfProgram& program, const std::vector<FilterGroup>& groups,
                   const std::string& expression) {
  const std::vector<FilterRule> rules = joined(groups);
  size_t inside = 0;
  for (const Buffer& packet : packets()) {
    const Bytes bytes = test::view(packet);
    const bool expected = program.matches(bytes, uint32_t(packet.size()));
    for (const std::optional<size_t> header :
         {std::optional<size_t>(), std::optional<size_t>(40)}) {
      const bool found = std::ranges::any_of(
          rules, [&](const FilterRule& rule) { return passes(rule, bytes, header); });
      EXPECT_EQ(found, expected) << expression << ": "
                                 << fmt::format("{:02x}", fmt::join(packet, ""));
      if (found != expected) return inside;
    }
    inside += expected;
  }
  for (const FilterRule& rule : rules) {
    EXPECT_FALSE(has_touching_unequals(rule)) << expression;
    // nft 1.1.3 lists `@th,104,8 & 0x12 == 0x12` as `@th,110,2 0x9`, two bits.
    for (const FilterTest& test : rule) EXPECT_FALSE(has_gap(test.field.mask)) << expression;
  }
  return inside;
}

BpfProgram compiled(const std::string& expression) {
  Outcome<BpfProgram> program = BpfProgram::compile(expression);
  EXPECT_TRUE(bool(program)) << program.failure().message();
  return std::move(*program);
}

TEST(filter_rules, they_accept_what_the_program_accepts) {
  struct {
    const char* expression;
    size_t rules;
  } const cases[] = {
      {"", 1},
      {"ip", 1},
      {"ip6", 1},
      {"not ip", 1},
      {"tcp", 3},
      {"tcp or udp or icmp or icmp6", 3},
      {"not tcp and not udp", 4},
      {"tcp port 443", 4},
      {"tcp dst port 443", 2},
      {"udp src port 53", 2},
      {"port 53", 4},
      {"port 80 or port 443", 4},
      {"not port 53", 8},
      {"tcp and not port 22 and not port 80", 4},
      {"tcp dst port 80 or tcp dst port 443", 2},
      {"portrange 1000-2000", 4},
      {"port 7 or 9 or 11 or 13 or 15 or 17 or 19 or 21 or 22 or 53 or 80 or 443", 4},
      {"not host 10.77.1.2 and not host 10.77.2.2", 2},
      {"udp portrange 1-1023", 4},
      {"host 10.77.1.2", 2},
      {"not host 10.77.1.2", 3},
      {"src net 10.77.0.0/16 and dst host 10.77.2.2", 1},
      {"ip net 224.0.0.0/4", 2},
      {"ip6 host fd00::1", 2},
      {"ip6 net fe80::/10", 2},
      {"src net 10.77.1.0/24 or ip6 src net fd00::/8", 2},
      {"ip multicast", 1},
      {"ip proto 132", 1},
      {"ip[0] & 0xf != 5", 1},
      {"(ip[0] & 0xf) << 2 > 20", 1},
      {"ip[6:2] & 0x1fff = 0", 1},
      {"ip[6:2] & 0x3fff != 0", 1},
      {"ip[8] < 5", 1},
      {"ip[8] != 64 and ip[9] != 6", 2},
      {"ip[12:4] & 0x00ffff00 = 0x004d0100", 1},
      {"tcp[tcpflags] & tcp-syn != 0", 1},
      {"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", 1},
      {"tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn", 1},
      {"tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", 2},
      {"tcp[tcpflags] & (tcp-syn|tcp-ack) > 3", 2},
      {"tcp[tcpflags] = tcp-syn", 1},
      {"tcp[12] >> 4 > 5", 1},
      {"tcp[12] >> 4 = 5", 1},
      {"tcp[12] & 0xf0 >= 0x60", 1},
      {"tcp[0:4] = 0x9c4001bb", 1},
      {"udp[9] < 256", 1},
      {"udp[8:4] = 0x64617461", 1},
      {"icmp[icmptype] = icmp-echo or icmp6", 3},
      {"icmp6[icmp6type] = icmp6-echo", 1},
      {"ip6[6] = 17 and ip6[40:2] > 1000 and ip6[40:2] < 2001", 1},
      {"ip[100] >= 0", 1},
      {"len <= 40", 1},
      {"greater 60", 1},
      {"len & 1 = 0", 1},
      {"less 44 and not len = 40 and tcp", 3},
  };
  for (const auto& test : cases) {
    const BpfProgram program = compiled(test.expression);
    const std::optional<std::vector<FilterGroup>> rules = filter_rules(program);
    ASSERT_TRUE(rules) << test.expression;
    EXPECT_EQ(joined(*rules).size(), test.rules) << test.expression;
    EXPECT_GT(expect_same(program, *rules, test.expression), 0U) << test.expression;
  }
}

TEST(filter_rules, what_rules_have_in_common_is_tested_once) {
  const std::optional<std::vector<FilterGroup>> groups = filter_rules(compiled("tcp port 443"));
  ASSERT_TRUE(groups);
  ASSERT_EQ(groups->size(), 2U);
  EXPECT_EQ((*groups)[0].common.size(), 2U);  // version, next header
  EXPECT_EQ((*groups)[1].common.size(), 3U);  // version, protocol, fragment offset
  for (const FilterGroup& group : *groups) {
    ASSERT_EQ(group.rests.size(), 2U);
    for (const FilterRule& rest : group.rests) EXPECT_EQ(rest.size(), 1U);
  }
}

TEST(filter_rules, what_nft_can_not_say_is_none) {
  std::string pairs = "udp port 9 and host 10.0.0.9";
  for (size_t i = 0; i < kMaxFilterRules; ++i)
    pairs += fmt::format(" or (udp src port {0} and src host 10.0.0.{0})", 2 * i + 20);
  for (const std::string& expression :
       {std::string("ip[0] = ip[1]"), std::string("ip[2:2] - 20 > 100"),
        std::string("ip6 protochain 6"), std::string("ip[256] = 1"), std::string("len & 0xff > 9"),
        std::string("tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420"),  // GET, behind options
        std::string("ip[((ip[0] & 0xf) << 2):2] = 53"),              // of fragments as well
        pairs})
    EXPECT_FALSE(filter_rules(compiled(expression))) << expression;
}

/// Terms of pcap-filter, at random.
class Grammar {
 public:
  std::string expression(int depth) {
    const unsigned form = depth > 0 ? draw(5) : 0;
    if (form < 2) return term();
    if (form == 2) return "not (" + expression(depth - 1) + ")";
    const char* joint = form == 3 ? "and" : "or";
    return fmt::format("({}) {} ({})", expression(depth - 1), joint, expression(depth - 1));
  }

 private:
  unsigned draw(unsigned below) { return unsigned(random_() % below); }

  template <size_t N>
  const char* pick(const char* const (&words)[N]) {
    return words[draw(N)];
  }

  std::string term() {
    switch (draw(5)) {
      case 0:
        return pick({"tcp", "udp", "ip", "ip6", "icmp", "icmp6", "ip multicast"});
      case 1:
        return fmt::format("{} {} {}", pick({"tcp", "udp", ""}), pick({"port", "src port"}),
                           pick({"53", "443", "9", "80"}));
      case 2:
        return pick({"portrange 53-1000", "len > 40", "less 60", "len & 4 != 0"});
      case 3:
        return pick(
            {"host 10.77.1.2", "src net 10.77.0.0/16", "ip6 host fd00::1", "dst net fe80::/9"});
      default:
        return bytes();
    }
  }

  std::string bytes() {
    const std::string field = fmt::format("{}[{}:{}]", pick({"ip", "ip6", "tcp", "udp"}), draw(20),
                                          pick({"1", "2", "4"}));
    const std::string part = pick({"", " & 0xf0", " & 0x12", " >> 4", " & 0x3c << 1", " & 1"});
    return fmt::format("{}{} {} {}", field, part, pick({"=", "!=", "<", ">", "<=", ">="}),
                       pick({"0", "1", "5", "0x45", "64", "6", "53", "443"}));
  }

  std::mt19937 random_{1};
};

TEST(filter_rules, they_accept_the_same_whatever_the_expression) {
  constexpr int kExpressions = 200;
  Grammar grammar;
  int said = 0;
  for (int i = 0; i < kExpressions; ++i) {
    const std::string expression = grammar.expression(3);
    Outcome<BpfProgram> program = BpfProgram::compile(expression);
    if (!program) continue;  // "expression rejects all packets"
    const std::optional<std::vector<FilterGroup>> rules = filter_rules(*program);
    if (!rules) continue;
    expect_same(*program, *rules, expression);
    ++said;
  }
  EXPECT_GT(said, kExpressions / 2);
}

}  // namespace
}  // namespace nflua::queue
