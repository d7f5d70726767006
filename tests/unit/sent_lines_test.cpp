// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/sent_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nflua::cli {
namespace {

std::string told_of(uint32_t first_number, uint32_t refused, const std::string& why = "") {
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
  lines.refused(refused, why);
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

TEST(SentLines, numbers_between_may_be_those_of_questions) {
  for (const uint32_t first : {1u, 0xfffffffeu}) {
    SentLines lines;
    lines.sent(first);      // line 1
    lines.sent(first + 2);  // 2
    lines.sent(first + 3);  // 3
    lines.sent(first + 7);  // 4
    testing::internal::CaptureStderr();
    for (const uint32_t offset : {0u, 2u, 3u, 7u}) lines.refused(first + offset, "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "nflua: line 1: refused\nnflua: line 2: refused\n"
              "nflua: line 3: refused\nnflua: line 4: refused\n");
  }
}

TEST(SentLines, tells_why_on_one_line) {
  EXPECT_EQ(told_of(1, 2, "f.lua:1: oops\nstack traceback:"),
            "nflua: line 3: refused: f.lua:1: oops\\nstack traceback:\n");
}

TEST(SentLines, counts_what_it_does_not_tell) {
  SentLines lines;
  for (uint32_t number = 1; number <= 1000; ++number) lines.sent(number);
  testing::internal::CaptureStderr();
  for (uint32_t number = 1; number <= 1000; ++number) lines.refused(number, "");
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), SentLines::kTold);
  EXPECT_EQ(lines.failed(), 1000u);
  EXPECT_EQ(lines.summary(), "sent 1000 messages, 1000 refused, 0 too long");
}

}  // namespace
}  // namespace nflua::cli
