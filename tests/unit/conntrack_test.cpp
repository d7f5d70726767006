// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/conntrack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/packets.hpp"

namespace nflua::replay {
namespace {

using test::address;
using test::Buffer;
using test::ipv4;
using test::ipv6;
using test::PacketBuilder;
using test::view;

constexpr int64_t kSecond = 1'000'000'000;
constexpr TcpFlag kSyn = TcpFlag::syn;
constexpr TcpFlag kAck = TcpFlag::ack;
constexpr TcpFlag kFin = TcpFlag::fin;
constexpr TcpFlag kRst = TcpFlag::rst;

const std::string kClient = "10.0.0.1";
const std::string kServer = "10.0.0.2";

PacketBuilder from_client() { return ipv4(kClient, kServer).tcp(1000, 80); }
PacketBuilder from_server() { return ipv4(kServer, kClient).tcp(80, 1000); }

Tuple tuple(const std::string& source, uint16_t source_port, const std::string& destination,
            uint16_t destination_port, IpProto protocol = IpProto::tcp) {
  return {protocol, address(source), address(destination), true, source_port, destination_port};
}
const Tuple kTuple = tuple(kClient, 1000, kServer, 80);

struct ConntrackTest : testing::Test {
  ConnHandle look_up(const Buffer& packet) { return conntrack.look_up(view(packet), now); }
  ConnHandle pass(const Buffer& packet) {
    ConnHandle handle = look_up(packet);
    conntrack.confirm(handle, now);
    return handle;
  }
  bool is_found(const Tuple& wanted = kTuple) { return conntrack.find(wanted, now).has_value(); }
  /// Whether the connection is there for that long from now and no longer.
  testing::AssertionResult lives(int64_t seconds, const Tuple& wanted = kTuple) {
    int64_t end = now + seconds * kSecond;
    if (!conntrack.find(wanted, end - 1)) return testing::AssertionFailure() << "over too early";
    if (conntrack.find(wanted, end)) return testing::AssertionFailure() << "there too long";
    return testing::AssertionSuccess();
  }
  void handshake() {
    pass(from_client().flags(kSyn).build());
    pass(from_server().flags(kSyn, kAck).build());
    pass(from_client().flags(kAck).build());
  }
  uint64_t untracked(Untracked reason) { return conntrack.counters().untracked[size_t(reason)]; }

  Conntrack conntrack{8};
  int64_t now = 1000 * kSecond;
};

TEST_F(ConntrackTest, both_directions_have_one_id_from_the_first_packet_on) {
  ConnHandle first = pass(from_client().flags(kSyn).build());
  ConnHandle answer = pass(from_server().flags(kSyn, kAck).build());
  EXPECT_NE(first.id, 0u);
  EXPECT_EQ(answer.id, first.id);
  EXPECT_EQ(first.direction, Direction::original);
  EXPECT_EQ(answer.direction, Direction::reply);
  EXPECT_NE(pass(ipv4(kClient, kServer).tcp(1001, 80).flags(kSyn).build()).id, first.id);
}

TEST_F(ConntrackTest, is_not_found_before_its_first_packet_passed) {
  ConnHandle handle = look_up(from_client().flags(kSyn).build());
  EXPECT_FALSE(is_found());
  conntrack.confirm(handle, now);
  EXPECT_TRUE(is_found());
  EXPECT_TRUE(is_found(tuple(kServer, 80, kClient, 1000))) << "by the other direction's tuple";
  EXPECT_FALSE(is_found(tuple(kClient, 80, kServer, 1000)));
  EXPECT_FALSE(is_found(tuple(kClient, 1000, kServer, 80, IpProto::udp)));
}

TEST_F(ConntrackTest, is_gone_when_its_first_packet_was_dropped) {
  ConnHandle handle = look_up(from_client().flags(kSyn).build());
  conntrack.forget(handle);
  EXPECT_EQ(conntrack.size(), 0u);
  EXPECT_NE(look_up(from_client().flags(kSyn).build()).id, handle.id);
  conntrack.confirm(handle, now);
  EXPECT_FALSE(is_found()) << "a stale handle must do nothing";
}

TEST_F(ConntrackTest, packets_share_a_connection_whose_first_packet_is_held) {
  ConnHandle held = look_up(from_client().flags(kSyn).build());
  ConnHandle again = look_up(from_client().flags(kSyn).build());
  EXPECT_EQ(again.id, held.id);
  conntrack.forget(again);
  EXPECT_EQ(conntrack.size(), 1u) << "the held packet still counts on it";
  now += 3600 * kSecond;
  conntrack.confirm(held, now);
  EXPECT_TRUE(lives(120)) << "its time begins when it is let through";
  conntrack.forget(held);
  EXPECT_TRUE(is_found()) << "a confirmed connection is not forgotten";
}

TEST_F(ConntrackTest, counts_packets_and_claimed_bytes_by_direction) {
  pass(from_client().flags(kSyn).build());
  pass(from_server().flags(kSyn, kAck).build());
  Buffer data = from_client().flags(kAck).payload(std::string(100, 'x')).build();
  data.resize(60);  // captured in part
  pass(data);
  conntrack.forget(look_up(from_client().flags(kAck).build()));  // dropped, but it was seen
  ConnEntry entry = *conntrack.find(tuple(kServer, 80, kClient, 1000), now);
  EXPECT_TRUE(entry.has_traffic);
  EXPECT_EQ(entry.traffic.direction[0].packets, 3u);
  EXPECT_EQ(entry.traffic.direction[0].bytes, 40u + 140u + 40u);
  EXPECT_EQ(entry.traffic.direction[1].packets, 1u);
  EXPECT_EQ(entry.traffic.direction[1].bytes, 40u);
}

TEST_F(ConntrackTest, tcp_lives_as_long_as_its_state_says) {
  pass(from_client().flags(kSyn).build());
  EXPECT_TRUE(lives(120));
  pass(from_server().flags(kSyn, kAck).build());
  EXPECT_TRUE(lives(60));
  pass(from_client().flags(kAck).build());
  EXPECT_TRUE(lives(5 * 24 * 3600));
  pass(from_client().flags(kFin, kAck).build());
  EXPECT_TRUE(lives(120));
  pass(from_server().flags(kAck).build());
  EXPECT_TRUE(lives(60));
  pass(from_server().flags(kFin, kAck).build());
  EXPECT_TRUE(lives(30));
  pass(from_client().flags(kAck).build());
  EXPECT_TRUE(lives(120));
}

TEST_F(ConntrackTest, a_reset_closes) {
  handshake();
  uint32_t id = pass(from_server().flags(kRst, kAck).build()).id;
  EXPECT_TRUE(lives(10));
  EXPECT_NE(id, 0u);
}

TEST_F(ConntrackTest, a_reset_as_only_answer_ends_it_at_once) {
  uint32_t id = pass(from_client().flags(kSyn).build()).id;
  EXPECT_EQ(pass(from_server().flags(kRst, kAck).build()).id, id);
  EXPECT_FALSE(is_found());
  EXPECT_EQ(conntrack.size(), 0u);
}

TEST_F(ConntrackTest, a_syn_after_the_end_begins_a_new_connection) {
  handshake();
  uint32_t id = pass(from_client().flags(kRst).build()).id;
  ConnHandle again = pass(from_server().flags(kSyn).build());
  EXPECT_NE(again.id, id);
  EXPECT_EQ(again.direction, Direction::original);
  EXPECT_EQ(conntrack.size(), 1u);
  EXPECT_TRUE(lives(120));
}

TEST_F(ConntrackTest, a_syn_within_a_connection_neither_counts_nor_refreshes) {
  handshake();
  int64_t id = conntrack.find(kTuple, now)->id;
  EXPECT_EQ(pass(from_client().flags(kSyn).build()).id, id);
  EXPECT_EQ(conntrack.find(kTuple, now)->traffic.direction[0].packets, 2u);
  EXPECT_FALSE(pass(from_server().flags(kSyn).build()));
  EXPECT_EQ(untracked(Untracked::out_of_state), 1u);
}

TEST_F(ConntrackTest, picks_up_a_connection_that_began_before_the_capture) {
  pass(from_server().flags(kAck).build());
  EXPECT_TRUE(lives(300));
  pass(from_client().flags(kAck).build());
  pass(from_server().flags(kAck).build());
  EXPECT_TRUE(lives(5 * 24 * 3600));
}

TEST_F(ConntrackTest, simultaneous_open_is_one_connection) {
  uint32_t id = pass(from_client().flags(kSyn).build()).id;
  EXPECT_EQ(pass(from_server().flags(kSyn).build()).id, id);
  EXPECT_EQ(pass(from_client().flags(kSyn, kAck).build()).id, id);
  EXPECT_TRUE(lives(60));
}

TEST_F(ConntrackTest, remembers_the_mss_that_each_side_announced) {
  ConnHandle syn = pass(from_client().flags(kSyn).tcp_options({2, 4, 5, 180}).build());
  EXPECT_EQ(conntrack.sender_mss(syn), 1460);
  ConnHandle answer = pass(from_server().flags(kSyn, kAck).build());
  EXPECT_EQ(conntrack.sender_mss(answer), 0);
  EXPECT_EQ(conntrack.sender_mss(pass(from_client().flags(kAck).build())), 1460);
  EXPECT_EQ(conntrack.sender_mss({}), 0);
}

TEST_F(ConntrackTest, tracks_packets_whose_tcp_options_the_capture_cut_off) {
  Buffer syn = from_client().flags(kSyn).tcp_options({2, 4, 5, 180}).build();
  syn.resize(40);
  ConnHandle handle = pass(syn);
  EXPECT_TRUE(handle);
  EXPECT_EQ(conntrack.sender_mss(handle), 0);
}

TEST_F(ConntrackTest, udp_becomes_a_stream_once_both_sides_talk_for_a_while) {
  Tuple wanted = tuple(kClient, 1000, kServer, 53, IpProto::udp);
  Buffer query = ipv4(kClient, kServer).udp(1000, 53).payload("?").build();
  Buffer answer = ipv4(kServer, kClient).udp(53, 1000).payload("!").build();
  uint32_t id = pass(query).id;
  EXPECT_TRUE(lives(30, wanted));
  EXPECT_EQ(pass(answer).id, id);
  EXPECT_TRUE(lives(30, wanted));
  now += 3 * kSecond;
  pass(query);
  EXPECT_TRUE(lives(120, wanted));
}

TEST_F(ConntrackTest, an_expired_connection_starts_anew) {
  uint32_t id = pass(from_client().flags(kSyn).build()).id;
  now += 120 * kSecond;
  EXPECT_NE(pass(from_client().flags(kSyn).build()).id, id);
  EXPECT_EQ(conntrack.counters().expired, 1u);
}

TEST_F(ConntrackTest, refreshed_connections_stay_and_the_others_are_cleared_away) {
  auto udp = [](uint16_t port) { return ipv4(kClient, kServer).udp(port, 53).build(); };
  for (uint16_t port = 1; port <= 4; ++port) pass(udp(port));
  for (int i = 0; i < 100; ++i) {
    now += 20 * kSecond;
    pass(udp(1));
    pass(udp(3));
  }
  EXPECT_EQ(conntrack.size(), 2u);
  EXPECT_EQ(conntrack.counters().created, 4u);
  EXPECT_EQ(conntrack.counters().expired, 2u);
}

Buffer echo(PacketBuilder builder, uint8_t type, size_t ip_header_bytes) {
  return builder.icmp_echo(7, 1).lie8(ip_header_bytes, type).build();
}

TEST_F(ConntrackTest, an_icmp_answer_belongs_to_its_query) {
  struct {
    Buffer query, answer;
  } const cases[] = {
      {echo(ipv4(kClient, kServer), 8, 20), echo(ipv4(kServer, kClient), 0, 20)},
      {echo(ipv4(kServer, kClient), 8, 20), echo(ipv4(kClient, kServer), 0, 20)},
      {echo(ipv4(kClient, kServer), 13, 20), echo(ipv4(kServer, kClient), 14, 20)},
      {echo(ipv4(kClient, kClient), 8, 20), echo(ipv4(kClient, kClient), 0, 20)},
      {echo(ipv6("::1", "::2"), 128, 40), echo(ipv6("::2", "::1"), 129, 40)},
  };
  std::set<uint32_t> ids;
  for (const auto& test : cases) {
    EXPECT_EQ(look_up(test.answer).reason, Untracked::not_a_start);
    ConnHandle query = pass(test.query);
    ConnHandle answer = pass(test.answer);
    EXPECT_EQ(query.id, answer.id);
    EXPECT_EQ(query.direction, Direction::original);
    EXPECT_EQ(answer.direction, Direction::reply);
    ids.insert(query.id);
  }
  EXPECT_EQ(ids.size(), std::size(cases));
  EXPECT_TRUE(lives(30, tuple(kClient, 7, kServer, 8 << 8, IpProto::icmp)));
}

// An ICMP destination-unreachable about `quoted`.
Buffer icmp_error(const Buffer& quoted) {
  std::string payload(std::string("\3\1\0\0\0\0\0\0", 8));
  payload.append(quoted.begin(), quoted.begin() + 28);
  return ipv4("192.0.2.1", kClient).protocol(IpProto::icmp).payload(payload).build();
}

TEST_F(ConntrackTest, an_icmp_error_has_the_id_of_what_it_is_about_and_changes_nothing) {
  Buffer syn = from_client().flags(kSyn).build();
  EXPECT_EQ(look_up(icmp_error(syn)).reason, Untracked::unrelated);
  ConnHandle first = look_up(syn);
  EXPECT_EQ(look_up(icmp_error(syn)).reason, Untracked::unrelated) << "not confirmed yet";
  conntrack.confirm(first, now);
  ConnHandle error = pass(icmp_error(syn));
  EXPECT_EQ(error.id, first.id);
  EXPECT_EQ(error.direction, Direction::reply);
  EXPECT_EQ(conntrack.find(kTuple, now)->traffic.direction[1].packets, 0u);
}

TEST_F(ConntrackTest, says_why_a_packet_is_untracked) {
  Buffer cut = from_client().flags(kSyn).build();
  cut.resize(30);
  struct {
    const char* what;
    Buffer packet;
    Untracked reason;
  } const cases[] = {
      {"nothing", {}, Untracked::bad_header},
      {"cut off", cut, Untracked::bad_header},
      {"TCP offset past the end", from_client().lie8(32, 0xf0).build(), Untracked::bad_header},
      {"UDP length that lies", ipv4().udp(1, 2).lie16(24, 999).build(), Untracked::bad_header},
      {"UDP length too small", ipv4().udp(1, 2).lie16(24, 7).build(), Untracked::bad_header},
      {"fragment", ipv4().udp(1, 2).fragment(0, true).build(), Untracked::fragment},
      {"later fragment", ipv6().udp(1, 2).fragment(8, false).build(), Untracked::fragment},
      {"ESP", ipv4().protocol(IpProto::esp).payload("12345678").build(), Untracked::protocol},
      {"router solicitation", echo(ipv6(), 133, 40), Untracked::icmp_type},
      {"no flags", from_client().flags().build(), Untracked::out_of_state},
      {"SYN and FIN", from_client().flags(kSyn, kFin).build(), Untracked::out_of_state},
      {"SYN and RST", from_client().flags(kSyn, kRst).build(), Untracked::out_of_state},
      {"SYN-ACK alone", from_client().flags(kSyn, kAck).build(), Untracked::not_a_start},
      {"FIN alone", from_client().flags(kFin, kAck).build(), Untracked::not_a_start},
      {"RST alone", from_client().flags(kRst).build(), Untracked::not_a_start},
      {"error that quotes nothing",
       ipv4().protocol(IpProto::icmp).payload(std::string("\3\1\0\0\0\0\0\0", 8)).build(),
       Untracked::bad_header},
  };
  for (const auto& test : cases) {
    uint64_t before = untracked(test.reason);
    ConnHandle handle = look_up(test.packet);
    EXPECT_FALSE(handle) << test.what;
    EXPECT_EQ(int(handle.reason), int(test.reason)) << test.what;
    EXPECT_EQ(untracked(test.reason), before + 1) << test.what;
    conntrack.confirm(handle, now);
    conntrack.forget(handle);
  }
  EXPECT_EQ(conntrack.size(), 0u);
}

TEST_F(ConntrackTest, bundles_whose_length_field_is_zero_count_with_all_their_bytes) {
  const Buffer bundle = from_client().flags(kAck).payload("hello").lie16(2, 0).build();
  handshake();
  const uint64_t before = conntrack.find(kTuple, now)->traffic.direction[0].bytes;
  pass(bundle);
  EXPECT_EQ(conntrack.find(kTuple, now)->traffic.direction[0].bytes, before + bundle.size());
  constexpr size_t kWhole = 190'000;
  conntrack.confirm(conntrack.look_up({view(bundle), kWhole}, now), now);
  EXPECT_EQ(conntrack.find(kTuple, now)->traffic.direction[0].bytes,
            before + bundle.size() + kWhole);
}

TEST_F(ConntrackTest, a_udp_length_of_zero_is_good_where_the_ip_length_is_zero) {
  EXPECT_TRUE(pass(ipv4().udp(1, 2).payload("abc").lie16(2, 0).lie16(24, 0).build()));
  EXPECT_TRUE(pass(ipv6().udp(1, 2).payload("abc").lie16(4, 0).lie16(44, 0).build()));
  EXPECT_EQ(look_up(ipv4().udp(1, 2).lie16(24, 0).build()).reason, Untracked::bad_header);
  EXPECT_EQ(look_up(ipv6().udp(1, 2).lie16(44, 0).build()).reason, Untracked::bad_header);
}

TEST_F(ConntrackTest, a_full_table_drops_the_oldest_that_is_not_established) {
  handshake();
  auto other = [](uint16_t port) { return ipv4(kClient, kServer).udp(port, 53).build(); };
  for (uint16_t port = 1; port <= 7; ++port, now += kSecond) pass(other(port));
  EXPECT_TRUE(pass(other(8)));
  EXPECT_EQ(conntrack.size(), 8u);
  EXPECT_EQ(conntrack.counters().dropped_early, 1u);
  EXPECT_FALSE(is_found(tuple(kClient, 1, kServer, 53, IpProto::udp)));
  EXPECT_TRUE(is_found(tuple(kClient, 2, kServer, 53, IpProto::udp)));
  EXPECT_TRUE(is_found()) << "the established one is older, but stays";
}

TEST_F(ConntrackTest, a_table_full_of_unconfirmed_connections_tracks_no_more) {
  for (uint16_t port = 1; port <= 8; ++port) look_up(ipv4().udp(port, 53).build());
  EXPECT_EQ(look_up(ipv4().udp(9, 53).build()).reason, Untracked::table_full);
  EXPECT_EQ(untracked(Untracked::table_full), 1u);
}

TEST_F(ConntrackTest, the_ends_of_time_do_no_harm) {
  for (int64_t time : {INT64_MIN, int64_t{-1}, INT64_MAX - 1, INT64_MAX}) {
    now = time;
    EXPECT_TRUE(pass(from_client().flags(kSyn).build()));
    EXPECT_TRUE(pass(ipv4().udp(1, 2).build()));
  }
}

TEST(conntrack, many_connections_are_all_found_and_all_cleared_away) {
  Conntrack conntrack;
  constexpr uint32_t kCount = 20'000;
  auto packet = [](uint32_t i) {
    return ipv4().udp(uint16_t(i), uint16_t(53 + (i >> 15))).build();
  };
  std::set<uint32_t> ids;
  for (uint32_t i = 1; i <= kCount; ++i) {
    ConnHandle handle = conntrack.look_up(view(packet(i)), int64_t{i});
    conntrack.confirm(handle, int64_t{i});
    ids.insert(handle.id);
  }
  EXPECT_EQ(ids.size(), kCount);
  for (uint32_t i = 1; i <= kCount; ++i)
    EXPECT_TRUE(ids.count(conntrack.look_up(view(packet(i)), kCount).id)) << i;
  EXPECT_EQ(conntrack.size(), kCount);
  conntrack.look_up(Bytes(), 31 * kSecond);  // looks into the list of those that were refreshed
  conntrack.look_up(Bytes(), 70 * kSecond);
  EXPECT_EQ(conntrack.size(), 0u);
  EXPECT_EQ(conntrack.counters().expired, kCount);
}

}  // namespace
}  // namespace nflua::replay
