// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/checksum.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/packets.hpp"

namespace nflua {
namespace {

using test::Buffer;
using test::view;

TEST(Checksum, the_sum_is_that_of_a_naive_one) {
  std::mt19937 random(1);
  for (size_t size = 0; size < 600; size++) {
    Buffer in(size);
    for (uint8_t& byte : in) byte = uint8_t(random());
    const uint16_t initial = uint16_t(random());
    EXPECT_EQ(checksum_sum(view(in)), test::naive_sum(view(in)));
    EXPECT_EQ(checksum_sum(view(in), initial), test::naive_sum(view(in), initial));
  }
}

TEST(Checksum, carries_of_a_full_packet_are_not_lost) {
  const Buffer ones(65'535, 0xff);
  EXPECT_EQ(checksum_sum(view(ones), 0xffff), test::naive_sum(view(ones), 0xffff));
}

TEST(Checksum, built_packets_are_good_and_a_flipped_bit_is_seen) {
  for (Buffer packet : {test::ipv4().tcp(1, 2).payload("odd").build(),
                        test::ipv4().udp(1, 2).payload("even").build(),
                        test::ipv6().tcp(1, 2).payload("odd").build()}) {
    const Result<IpHeader> ip = parse_ip(view(packet));
    ASSERT_TRUE(ip);
    const auto is_good = [&] {
      return transport_checksum_is_good(source_address(view(packet)),
                                        destination_address(view(packet)), ip->protocol,
                                        view(packet).sub(ip->header_bytes));
    };
    EXPECT_TRUE(is_good());
    packet.back() ^= 1;
    EXPECT_FALSE(is_good());
  }
}

TEST(Checksum, an_ipv4_header_is_checked_with_its_options) {
  Buffer packet = test::ipv4().ip_options({1, 1, 1, 0}).tcp(1, 2).build();
  const Bytes header = view(packet).first(24);
  EXPECT_TRUE(ipv4_header_checksum_is_good(header));
  const uint16_t good = header.be16(10);
  store_be16(packet.data() + 10, 0);
  EXPECT_EQ(ipv4_header_checksum(header), good);
  EXPECT_FALSE(ipv4_header_checksum_is_good(header));
}

TEST(Checksum, a_udp_checksum_of_zero_is_sent_as_ones) {
  // The port that makes the sum 0xffff, so that the checksum would be 0.
  Buffer segment{0, 0, 0, 0, 0, 8, 0, 0};
  const Address a = test::address("10.0.0.1");
  const Address b = test::address("10.0.0.2");
  const uint16_t sum = test::naive_transport_sum(a, b, IpProto::udp, view(segment));
  store_be16(segment.data(), uint16_t(0xffff - sum));
  EXPECT_EQ(transport_checksum(a, b, IpProto::udp, view(segment)), 0xffff);
}

}  // namespace
}  // namespace nflua
