// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/text_events.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace nflua::cli {
namespace {

constexpr int64_t kTimeNs = 3'723'000'004'000;  // 01:02:03.000004

/// What standard error gets when `report` is logged `times` times.
std::string logged(TextEvents& events, const Report& report, int times = 1) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < times; ++i) events.log(kTimeNs, report);
  return testing::internal::GetCapturedStderr();
}

int64_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

Report error(const char* function, const char* text) {
  return {ReportKind::callback_error, "state", function, text};
}

TEST(TextEvents, a_print_bears_time_and_state_and_comes_each_time) {
  TextEvents events(TimeZone::utc);
  const Report print{ReportKind::print, "state", "match", "hello"};
  EXPECT_EQ(logged(events, print), "01:02:03.000004Z state: hello\n");
  EXPECT_EQ(lines(logged(events, print, 1000)), 1000);
}

TEST(TextEvents, local_time_bears_its_offset_and_follows_the_season) {
  constexpr int64_t kNsPerS = 1'000'000'000;
  const struct {
    const char* zone;
    int64_t time_ns;
    const char* text;
  } cases[] = {
      {"UTC0", kTimeNs, "01:02:03.000004+0000"},
      {"XST-5:45", kTimeNs, "06:47:03.000004+0545"},
      {"EST5EDT,M3.2.0,M11.1.0", 1'783'000'000 * kNsPerS, "09:46:40.000000-0400"},
      {"EST5EDT,M3.2.0,M11.1.0", 1'767'000'000 * kNsPerS, "04:20:00.000000-0500"},
      {"XST-1", -1, "00:59:59.999999+0100"},
  };
  for (const auto& [zone, time_ns, text] : cases) {
    setenv("TZ", zone, 1);
    tzset();
    EXPECT_EQ(clock_time(time_ns, TimeZone::local), text) << zone;
  }
  EXPECT_EQ(clock_time(kTimeNs, TimeZone::utc), "01:02:03.000004Z");
  unsetenv("TZ");
  tzset();
}

TEST(TextEvents, an_error_comes_the_first_tenth_hundredth_time) {
  TextEvents events(TimeZone::utc);
  EXPECT_EQ(logged(events, error("match", "oops")),
            "01:02:03.000004Z state: error in match: oops\n");
  EXPECT_EQ(logged(events, error("match", "oops"), 8), "");
  EXPECT_THAT(logged(events, error("match", "oops")), testing::HasSubstr("(the 10th time)"));
  EXPECT_EQ(lines(logged(events, error("match", "oops"), 989)), 1);
  EXPECT_THAT(logged(events, error("match", "oops")), testing::HasSubstr("(the 1000th time)"));
}

TEST(TextEvents, each_kind_of_error_is_counted_alone) {
  TextEvents events(TimeZone::utc);
  logged(events, error("match", "oops"), 5);
  EXPECT_EQ(lines(logged(events, error("target", "oops"))), 1);
  EXPECT_EQ(lines(logged(events, error("match", "another"))), 1);
  // The traceback below the first line makes no new kind.
  EXPECT_EQ(logged(events, error("match", "oops\nstack traceback: elsewhere")), "");
}

TEST(TextEvents, a_script_that_makes_up_messages_is_rate_limited_too) {
  TextEvents events(TimeZone::utc);
  std::string out;
  for (int i = 0; i < 10'000; ++i) out += logged(events, error("match", std::to_string(i).c_str()));
  EXPECT_LT(lines(out), 300);
}

TEST(TextEvents, control_characters_do_not_reach_the_terminal) {
  TextEvents events(TimeZone::utc);
  const Report print{ReportKind::print, "state", "", "\x1b[31m\r\x7f\ttab"};
  EXPECT_EQ(logged(events, print), "01:02:03.000004Z state: \\x1b[31m\\x0d\\x7f\ttab\n");
}

}  // namespace
}  // namespace nflua::cli
