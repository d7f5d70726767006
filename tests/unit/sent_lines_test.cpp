// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/sent_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nflua::cli {
namespace {

std::string told_of(uint32_t first_number, uint32_t refused) {
  SentLines lines;
  testing::internal::CaptureStderr();
  lines.too_long(5, 4);          // line 1
  lines.sent(first_number);      // 2
  lines.sent(first_number + 1);  // 3
  lines.too_long(5, 4);          // 4
  lines.too_long(6, 4);          // 5
  lines.sent(first_number + 2);  // 6
  (void)testing::internal::GetCapturedStderr();
  testing::internal::CaptureStderr();
  lines.refused(refused);
  return testing::internal::GetCapturedStderr();
}

TEST(SentLines, names_the_line_of_a_refused_message) {
  const struct {
    uint32_t before;
    const char* told;
  } cases[] = {{0, "nflua: line 2: refused\n"},
               {1, "nflua: line 3: refused\n"},
               {2, "nflua: line 6: refused\n"}};
  for (const uint32_t first : {1u, 100u, 0xffffffffu})
    for (const auto& c : cases) EXPECT_EQ(told_of(first, first + c.before), c.told) << first;
}

TEST(SentLines, counts_what_it_does_not_tell) {
  SentLines lines;
  for (uint32_t number = 1; number <= 1000; ++number) lines.sent(number);
  testing::internal::CaptureStderr();
  for (uint32_t number = 1; number <= 1000; ++number) lines.refused(number);
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), SentLines::kTold);
  EXPECT_EQ(lines.failed(), 1000u);
  EXPECT_EQ(lines.summary(), "sent 1000 messages, 1000 refused, 0 too long");
}

}  // namespace
}  // namespace nflua::cli
