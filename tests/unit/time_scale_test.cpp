// SPDX-License-Identifier: GPL-2.0-or-later
// From counts to nanoseconds: capture_reader_test.cpp.
#include "datapath/replay/time_scale.hpp"

#include <gtest/gtest.h>

namespace nflua::replay {
namespace {

TimeScale scale_of(uint8_t resolution, int64_t offset_s = 0) {
  TimeScale scale;
  scale.set_resolution(resolution);
  scale.offset_s = offset_s;
  return scale;
}

TEST(time_scale, counts_what_is_not_later_than_a_time) {
  constexpr int64_t kTimeNs = 1'700'000'000'123'456'789;
  struct {
    TimeScale scale;
    int64_t time_ns;
    std::optional<uint64_t> count;
  } const cases[] = {
      {{}, kTimeNs, 1'700'000'000'123'456},
      {scale_of(0), kTimeNs, 1'700'000'000},
      {scale_of(9), kTimeNs, kTimeNs},
      {scale_of(10), kTimeNs, 17'000'000'001'234'567'890u},
      {scale_of(12), 7, 7000},
      {scale_of(28), 1, 10'000'000'000'000'000'000u},
      {scale_of(0x80), kTimeNs, 1'700'000'000},
      {scale_of(0x8a), 1'500'000'000, 1536},
      {scale_of(9, 1'700'000'000), kTimeNs, 123'456'789},
      {scale_of(9, -1), 5, 1'000'000'005},
      {scale_of(9, 1), 999'999'999, std::nullopt},
      {{}, -1, std::nullopt},
      {scale_of(12), kTimeNs, std::nullopt},
      {scale_of(29), 1, std::nullopt},
      {scale_of(0xff), 1, std::nullopt},
      {scale_of(9, INT64_MIN), 1, std::nullopt},
  };
  for (const auto& test : cases) {
    const std::optional<uint64_t> count = test.scale.to_count(test.time_ns);
    EXPECT_EQ(count, test.count) << test.time_ns;
    EXPECT_LE(test.scale.to_ns(count.value_or(0)), count ? test.time_ns : INT64_MAX);
  }
}

}  // namespace
}  // namespace nflua::replay
