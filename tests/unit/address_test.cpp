// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace nflua {
namespace {

std::string format(const Address& address) {
  char text[kAddressTextBytes];
  const size_t size = format_address(address, text);
  EXPECT_EQ(text[size], '\0');
  return {text, size};
}

std::string libc_format(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(address.family == Family::ipv4 ? AF_INET : AF_INET6, address.bytes, text,
                   sizeof text);
}

/// Random, with the zero words and mapped prefixes that the format is about.
Address random_address(std::mt19937& random) {
  Address address{random() % 4 ? Family::ipv6 : Family::ipv4, {}};
  for (size_t i = 0; i < address.size(); i++) address.bytes[i] = uint8_t(random());
  if (address.family == Family::ipv4) return address;
  const auto zeros = random();
  for (size_t word = 0; word < 8; word++) {
    if (zeros >> word & 1) address.bytes[2 * word] = address.bytes[2 * word + 1] = 0;
    if (zeros >> (8 + word) & 1) address.bytes[2 * word] = 0;
  }
  if (random() % 8 == 0) memset(address.bytes, 0, 10 + random() % 5);
  if (random() % 8 == 0) memset(address.bytes + 10, 0xff, 2);
  return address;
}

TEST(Address, text_is_that_of_inet_ntop_and_reads_back) {
  std::mt19937 random(1);
  for (int i = 0; i < 200'000; i++) {
    const Address address = random_address(random);
    const std::string text = format(address);
    ASSERT_EQ(text, libc_format(address));
    const Result<Address> back = parse_address({text.data(), text.size()});
    ASSERT_TRUE(back) << text;
    ASSERT_EQ(*back, address) << text;
  }
}

void expect_as_inet_pton(const std::string& text) {
  const bool has_colon = text.find(':') != std::string::npos;
  Address expected{has_colon ? Family::ipv6 : Family::ipv4, {}};
  const bool good = inet_pton(has_colon ? AF_INET6 : AF_INET, text.c_str(), expected.bytes) == 1;
  const Result<Address> got = parse_address({text.data(), text.size()});
  ASSERT_EQ(bool(got), good) << text;
  if (good) {
    ASSERT_EQ(*got, expected) << text;
  } else {
    ASSERT_STREQ(got.error().text(), "invalid address");
  }
}

TEST(Address, edges_of_the_text_are_those_of_inet_pton) {
  for (const char* text : {"",
                           ":",
                           "::",
                           ":::",
                           "::1",
                           "1::",
                           ":1",
                           "1:",
                           "1:2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7::",
                           "::2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "::00001",
                           "::0001",
                           "::g",
                           "::ffff:1.2.3.4",
                           "::1.2.3.4",
                           "1:2:3:4:5:6:1.2.3.4",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1:2:3:4:5::1.2.3.4",
                           "1:2:3:4:5:6::1.2.3.4",
                           "::1.2.3",
                           "::1.2.3.4.5",
                           "::1.2.3.4:5",
                           "::01.2.3.4",
                           "::256.1.1.1",
                           "1.2.3.4",
                           "0.0.0.0",
                           "255.255.255.255",
                           "256.1.1.1",
                           "1.2.3",
                           "1.2.3.4.",
                           ".1.2.3.4",
                           "1..2.3",
                           "01.2.3.4",
                           "1.2.3.04",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1234.1.1.1",
                           "fe80::1%eth0",
                           "::1/64",
                           "ABCD::ef",
                           "1.2.3.-4",
                           "+1.2.3.4",
                           "0x1.2.3.4"}) {
    expect_as_inet_pton(text);
  }
  EXPECT_FALSE(parse_address(Text("1.2.3.4\0", 8)));
}

TEST(Address, random_text_is_judged_as_inet_pton_does) {
  std::mt19937 random(2);
  const std::string alphabet = "::::..0012f9";
  for (int i = 0; i < 300'000; i++) {
    std::string text(random() % 24, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    expect_as_inet_pton(text);
  }
}

TEST(Address, broken_copies_of_good_text_are_judged_as_inet_pton_does) {
  std::mt19937 random(3);
  for (int i = 0; i < 200'000; i++) {
    std::string text = libc_format(random_address(random));
    const size_t at = random() % text.size();
    if (random() % 2) {
      text[at] = "0:.f"[random() % 4];
    } else {
      text.erase(at, 1);
    }
    expect_as_inet_pton(text);
  }
}

}  // namespace
}  // namespace nflua
