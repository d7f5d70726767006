// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/parse_number.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace nflua {
namespace {

TEST(ParseNumber, takes_a_number_that_fits_and_nothing_behind_it) {
  EXPECT_EQ(parse_number<uint16_t>("0"), 0);
  EXPECT_EQ(parse_number<uint16_t>("65535"), 65'535);
  EXPECT_EQ(parse_number<int32_t>("-2147483648"), INT32_MIN);
  EXPECT_EQ(parse_number<uint32_t>("ffFF", 16), 0xffffu);
  for (const char* text : {"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "65536", "x"})
    EXPECT_FALSE(parse_number<uint16_t>(text)) << text;
}

}  // namespace
}  // namespace nflua
