// SPDX-License-Identifier: GPL-2.0-or-later
// What JsonEvents does when nobody reads. The events themselves: tests/docs/check_events.
#include "cli/json_events.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace nflua::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Takes so many lines, and more when it is given room.
struct SmallSink final : LineSink {
  bool put(std::string_view line) override {
    if (room == 0) return false;
    --room;
    lines.emplace_back(line);
    return true;
  }
  int room = 0;
  std::vector<std::string> lines;
};

struct JsonEventsTest : testing::Test {
  void tell(uint64_t number) { events.verdict(number, 0, {}, 0); }

  SmallSink sink;
  JsonEvents events{sink};
};

TEST_F(JsonEventsTest, what_was_left_out_is_told_once_there_is_room) {
  sink.room = 1;
  for (uint64_t number = 1; number <= 4; ++number) tell(number);
  sink.room = 2;
  tell(5);
  EXPECT_THAT(sink.lines,
              ElementsAre(HasSubstr("\"packet\":1"), "{\"event\":\"lost\",\"events\":3}\n",
                          HasSubstr("\"packet\":5")));
  EXPECT_EQ(events.lost(), 0u);
}

TEST_F(JsonEventsTest, what_finds_room_only_for_that_is_lost_in_turn) {
  tell(1);
  sink.room = 1;
  tell(2);
  EXPECT_THAT(sink.lines, ElementsAre(HasSubstr("\"events\":1")));
  EXPECT_EQ(events.lost(), 1u);
}

}  // namespace
}  // namespace nflua::cli
