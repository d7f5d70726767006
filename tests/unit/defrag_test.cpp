// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/defrag.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/packets.hpp"

namespace nflua::replay {
namespace {

using test::Buffer;
using test::ipv4;
using test::ipv6;
using test::PacketBuilder;
using test::view;
using enum DefragEffect;

constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kIdAt = 4;  // of IPv4

PacketBuilder builder(Family family) {
  return family == Family::ipv4 ? ipv4() : ipv6().extension(IpProto::hop_by_hop);
}

const std::string kData = std::string(8, 'a') + std::string(8, 'b') + "end";

/// The piece of a datagram of that data from `begin` on.
Buffer piece(Family family, uint32_t begin, uint32_t size, const std::string& data = kData) {
  return builder(family)
      .protocol(IpProto::udplite)
      .fragment(begin, begin + size < data.size())
      .payload(data.substr(begin, size))
      .build();
}

struct DefragTest : testing::Test {
  DefragEffect add(const Buffer& packet) { return defrag.add(view(packet), now); }

  Defrag defrag;
  int64_t now = 1000 * kSecond;
};

TEST_F(DefragTest, puts_pieces_together_in_any_order) {
  const uint32_t orders[][3] = {{0, 8, 16}, {16, 8, 0}, {8, 16, 0}, {16, 0, 8}};
  for (Family family : {Family::ipv4, Family::ipv6}) {
    for (const auto& order : orders) {
      EXPECT_EQ(add(piece(family, order[0], 8)), waits);
      EXPECT_EQ(add(piece(family, order[1], 8)), waits);
      EXPECT_EQ(add(piece(family, order[2], 8)), complete);
      Buffer whole = builder(family).protocol(IpProto::udplite).payload(kData).build();
      EXPECT_TRUE(Bytes(defrag.packet()) == view(whole));
      EXPECT_EQ(defrag.waiting(), 0u);
    }
  }
  EXPECT_EQ(defrag.counters().complete, 8u);
}

TEST_F(DefragTest, leaves_what_is_no_fragment) {
  Buffer cut = ipv6().udp(1, 2).build();
  cut.resize(30);
  for (const Buffer& packet :
       {ipv4().udp(1, 2).build(), ipv6().udp(1, 2).build(), builder(Family::ipv6).udp(1, 2).build(),
        Buffer{}, Buffer{0x45}, Buffer{0x60}, cut})
    EXPECT_EQ(add(packet), not_a_fragment);
}

TEST_F(DefragTest, a_fragment_that_is_the_whole_waits_for_nothing) {
  add(piece(Family::ipv6, 0, 8));
  EXPECT_EQ(add(ipv6().udp(1, 2).payload("odd").fragment(0, false).build()), complete);
  EXPECT_TRUE(Bytes(defrag.packet()) == view(ipv6().udp(1, 2).payload("odd").build()));
  EXPECT_EQ(defrag.waiting(), 1u);
}

TEST_F(DefragTest, tells_datagrams_apart) {
  Buffer other_id =
      ipv4().protocol(IpProto::udplite).fragment(8, false).payload("x").lie16(kIdAt, 99).build();
  add(piece(Family::ipv4, 0, 8));
  for (const Buffer& other :
       {other_id, ipv4().protocol(IpProto::sctp).fragment(8, false).payload("x").build(),
        ipv4("10.0.0.9").protocol(IpProto::udplite).fragment(8, false).payload("x").build(),
        ipv4("10.0.0.1", "10.0.0.9")
            .protocol(IpProto::udplite)
            .fragment(8, false)
            .payload("x")
            .build()})
    EXPECT_EQ(add(other), waits);
  EXPECT_EQ(defrag.waiting(), 5u);
}

TEST_F(DefragTest, a_repeated_piece_is_ignored) {
  add(piece(Family::ipv4, 0, 8));
  add(piece(Family::ipv4, 16, 8));
  EXPECT_EQ(add(piece(Family::ipv4, 0, 8)), waits);
  EXPECT_EQ(add(piece(Family::ipv4, 16, 8)), waits);
  EXPECT_EQ(add(piece(Family::ipv4, 8, 8)), complete);
  EXPECT_EQ(defrag.counters().repeated, 2u);
}

TEST_F(DefragTest, a_contradiction_ends_the_datagram) {
  const std::string longer = kData + std::string(21, 'x');
  const std::string shorter = kData.substr(0, 12);
  struct {
    const char* what;
    Buffer first, second;
  } const cases[] = {
      {"overlap from the left", piece(Family::ipv6, 8, 8, longer),
       piece(Family::ipv6, 0, 16, longer)},
      {"overlap from the right", piece(Family::ipv4, 0, 16, longer),
       piece(Family::ipv4, 8, 16, longer)},
      {"inside another", piece(Family::ipv4, 0, 24, longer), piece(Family::ipv4, 8, 8, longer)},
      {"around another", piece(Family::ipv6, 8, 8, longer), piece(Family::ipv6, 0, 24, longer)},
      {"two ends", piece(Family::ipv4, 16, 8), piece(Family::ipv4, 32, 8, longer)},
      {"behind the end", piece(Family::ipv4, 16, 8), piece(Family::ipv4, 24, 8, longer)},
      {"an end before what is there", piece(Family::ipv4, 16, 8, longer),
       piece(Family::ipv4, 8, 8, shorter)},
  };
  uint64_t expected = 0;
  for (const auto& test : cases) {
    EXPECT_EQ(add(test.first), waits) << test.what;
    EXPECT_EQ(add(test.second), refused) << test.what;
    EXPECT_EQ(defrag.waiting(), 0u) << test.what;
    EXPECT_EQ(defrag.counters().contradicting, ++expected) << test.what;
  }
}

TEST_F(DefragTest, refuses_what_can_be_no_fragment) {
  Buffer cut = piece(Family::ipv4, 0, 16);
  cut.pop_back();
  Buffer cut6 = piece(Family::ipv6, 0, 16);
  cut6.resize(50);
  struct {
    const char* what;
    Buffer packet;
  } const cases[] = {
      {"cut off", cut},
      {"cut off within the fragment header", cut6},
      {"odd size in the middle", ipv4().fragment(0, true).payload("odd").build()},
      {"odd size in the middle, IPv6", ipv6().fragment(0, true).payload("odd").build()},
      {"empty", ipv4().fragment(8, false).build()},
      {"past the end of all packets", ipv4().fragment(65528, false).payload("12345678").build()},
      {"length that ends before the fragment header",
       ipv6().fragment(0, true).payload("12345678").lie16(4, 7).build()},
  };
  uint64_t expected = 0;
  for (const auto& test : cases) {
    EXPECT_EQ(add(test.packet), refused) << test.what;
    EXPECT_EQ(defrag.counters().refused, ++expected) << test.what;
  }
  EXPECT_EQ(defrag.waiting(), 0u);
}

TEST_F(DefragTest, a_whole_that_its_length_field_cannot_say_is_refused) {
  const std::string big(65'530, 'x');
  EXPECT_EQ(add(piece(Family::ipv4, 0, 32'768, big)), waits);
  EXPECT_EQ(add(piece(Family::ipv4, 32'768, 32'768, big)), refused);
  EXPECT_EQ(defrag.waiting(), 0u);
}

TEST_F(DefragTest, waits_as_long_as_linux) {
  for (auto [family, seconds] : {std::pair(Family::ipv4, 30), std::pair(Family::ipv6, 60)}) {
    add(piece(family, 0, 8));
    now += seconds * kSecond - 1;
    add({});
    EXPECT_EQ(defrag.waiting(), 1u);
    now += 1;
    add({});
    EXPECT_EQ(defrag.waiting(), 0u);
  }
  EXPECT_EQ(defrag.counters().timed_out, 2u);
}

TEST_F(DefragTest, memory_is_bounded_and_the_oldest_goes_first) {
  const std::string data(32'768 + 8, 'x');
  auto first_half = [&](Family family, uint16_t id) {
    PacketBuilder packet = family == Family::ipv4 ? ipv4().lie16(kIdAt, id) : ipv6();
    return packet.protocol(IpProto::udplite)
        .fragment(0, true)
        .payload(data.substr(0, 32'768))
        .build();
  };
  add(first_half(Family::ipv6, 0));
  for (uint16_t id = 1; id <= 1000; ++id) add(first_half(Family::ipv4, id));
  EXPECT_LE(defrag.waiting() * 32'768, kMaxFragmentBytes);
  EXPECT_GT(defrag.waiting(), 100u);
  EXPECT_EQ(defrag.counters().out_of_memory + defrag.waiting(), 1001u);
  EXPECT_EQ(add(ipv4()
                    .lie16(kIdAt, 1000)
                    .protocol(IpProto::udplite)
                    .fragment(32'768, false)
                    .payload("x")
                    .build()),
            complete)
      << "the newest is still there";
}

TEST_F(DefragTest, the_ends_of_time_do_no_harm) {
  for (int64_t time : {INT64_MIN, int64_t{0}, INT64_MAX}) {
    now = time;
    EXPECT_EQ(add(piece(Family::ipv4, 0, 8)), waits);
  }
}

}  // namespace
}  // namespace nflua::replay
