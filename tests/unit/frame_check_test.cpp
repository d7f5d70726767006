// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/frame_check.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace nflua::replay {
namespace {

// Source: the check values of CRC-32 and CRC-16/X-25, which are over "123456789".
TEST(frame_check, is_that_of_the_frames_length_in_the_order_of_the_wire) {
  struct {
    size_t bytes;
    std::vector<uint8_t> check;
  } const cases[] = {
      {4, {0x26, 0x39, 0xf4, 0xcb}}, {2, {0x6e, 0x90}}, {0, {}}, {6, {0, 0, 0, 0, 0, 0}}};
  for (const auto& test : cases) {
    uint8_t check[kMaxFrameCheckBytes] = {};
    make_frame_check(Text("1234").bytes(), Text("56789").bytes(), test.bytes, check);
    EXPECT_EQ(std::vector<uint8_t>(check, check + test.bytes), test.check) << test.bytes;
    make_frame_check(Text("123456789").bytes(), {}, test.bytes, check);
    EXPECT_EQ(std::vector<uint8_t>(check, check + test.bytes), test.check) << test.bytes;
  }
}

}  // namespace
}  // namespace nflua::replay
