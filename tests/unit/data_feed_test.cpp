// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/data_feed.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace nflua::replay {
namespace {

Outcome<DataFeed> read(const std::string& lines) {
  std::istringstream in(lines);
  return DataFeed::read(in, "data.json");
}

std::string text_of(const Message& message) { return {message.bytes.begin(), message.bytes.end()}; }

TEST(data_feed, gives_the_messages_in_their_order) {
  Outcome<DataFeed> feed = read(
      "{\"time\": 0.5, \"port\": 4294967295, \"text\": \"one\"}\n"
      "{\"text\": \"two\", \"time\": 0.5}\n"
      "{\"time\": 1e9, \"hex\": \"00fFaB\"}");
  ASSERT_TRUE(bool(feed)) << feed.failure().message();
  ASSERT_FALSE(feed->is_empty());
  EXPECT_EQ(feed->next_offset_ns(), 500'000'000);
  const Message one = feed->next();
  EXPECT_EQ(one.offset_ns, 500'000'000);
  EXPECT_EQ(one.port, 4'294'967'295u);
  EXPECT_EQ(text_of(one), "one");
  EXPECT_EQ(text_of(feed->next()), "two");
  const Message three = feed->next();
  EXPECT_EQ(three.offset_ns, 1'000'000'000'000'000'000);
  EXPECT_EQ(three.port, 0u);
  EXPECT_EQ(text_of(three), std::string("\0\xff\xab", 3));
  EXPECT_TRUE(feed->is_empty());
}

TEST(data_feed, time_and_port_are_zero_unless_given) {
  Outcome<DataFeed> feed = read("{\"text\": \"\"}");
  ASSERT_TRUE(bool(feed)) << feed.failure().message();
  const Message message = feed->next();
  EXPECT_EQ(message.offset_ns, 0);
  EXPECT_EQ(message.port, 0u);
  EXPECT_TRUE(message.bytes.empty());
}

TEST(data_feed, text_may_be_any_unicode_and_times_are_rounded_to_nanoseconds) {
  Outcome<DataFeed> feed = read("{\"text\": \"\\u0000\\u20ac\", \"time\": 0.0000000014}");
  ASSERT_TRUE(bool(feed)) << feed.failure().message();
  EXPECT_EQ(feed->next_offset_ns(), 1);
  EXPECT_EQ(text_of(feed->next()), std::string("\0\xe2\x82\xac", 4));
}

TEST(data_feed, a_file_may_be_empty_or_have_empty_lines_and_those_of_dos) {
  EXPECT_TRUE(read("")->is_empty());
  EXPECT_TRUE(read("\n\n")->is_empty());
  Outcome<DataFeed> feed = read("\n{\"text\": \"one\"}\r\n\n{\"text\": \"two\"}\r\n");
  ASSERT_TRUE(bool(feed)) << feed.failure().message();
  EXPECT_EQ(text_of(feed->next()), "one");
  EXPECT_EQ(text_of(feed->next()), "two");
}

TEST(data_feed, what_is_no_message_is_named_with_its_line) {
  struct {
    const char* line;
    const char* expected;
  } const cases[] = {
      {"text", "a JSON object"},
      {"[1]", "a JSON object"},
      {"{\"text\": \"\"", "a JSON object"},
      {"{\"text\": \"\"} {}", "a JSON object"},
      {"{\"text\": \"\xff\"}", "a JSON object"},
      {"{}", "either \"text\" or \"hex\""},
      {"{\"text\": \"\", \"hex\": \"\"}", "either \"text\" or \"hex\""},
      {"{\"text\": 1}", "\"text\" to be a string"},
      {"{\"hex\": null}", "\"hex\" to be a string"},
      {"{\"hex\": \"abc\"}", "\"hex\" to have two digits for each byte"},
      {"{\"hex\": \"0x\"}", "\"hex\" to have hexadecimal digits only"},
      {"{\"hex\": \"-1\"}", "\"hex\" to have hexadecimal digits only"},
      {"{\"hex\": \" 1\"}", "\"hex\" to have hexadecimal digits only"},
      {"{\"time\": \"1\"}", "\"time\" to be a number of seconds"},
      {"{\"time\": -0.1}", "\"time\" to be from 0 to 1e9 seconds"},
      {"{\"time\": 1000000001}", "\"time\" to be from 0 to 1e9 seconds"},
      {"{\"port\": \"7\"}", "\"port\" to be an integer from 0 to 4294967295"},
      {"{\"port\": -1}", "\"port\" to be an integer from 0 to 4294967295"},
      {"{\"port\": 1.5}", "\"port\" to be an integer from 0 to 4294967295"},
      {"{\"port\": 4294967296}", "\"port\" to be an integer from 0 to 4294967295"},
      {"{\"txt\": \"\"}", "\"time\", \"port\", \"text\" or \"hex\", not \"txt\""},
      {"{\"text\": \"\", \"time\": 1.9}", "\"time\" not before that of the line above"},
  };
  for (const auto& test : cases) {
    const Outcome<DataFeed> feed =
        read(std::string("{\"text\": \"\", \"time\": 2}\n\n") + test.line);
    EXPECT_EQ(feed.failure().message(),
              std::string("data.json:3: expected ") + test.expected + "; see docs/events.md")
        << test.line;
  }
}

}  // namespace
}  // namespace nflua::replay
