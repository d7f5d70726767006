// SPDX-License-Identifier: GPL-2.0-or-later
// The messages from type 32 on.
#include <gtest/gtest.h>

#include "control/codec.hpp"
#include "tests/support/control_messages.hpp"

namespace nflua::control {
namespace {

using namespace nflua::test;

constexpr Limits kSmall(4096);
constexpr Limits kLarge(65'536);

ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
std::string text_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

ByteView body_of_hand(const Message& message) { return ByteView(message).subspan(16); }

std::vector<Message> only(const Message& message) { return std::vector<Message>(1, message); }

constexpr LimitValues kOneToFive = {.max_instructions = 1,
                                    .max_load_instructions = 2,
                                    .max_timers = 4,
                                    .max_held_packets = 5,
                                    .max_held_bytes = 3};

TEST(EncodeExtension, writes_commands_as_one_does_by_hand) {
  const struct {
    const char* what;
    Command command;
    Message message;
  } cases[] = {
      {"error text", ErrorText{}, hand_error_text(9)},
      {"printed", Printed{}, hand(39, kRequest, 9)},
      {"stats of a state", Stats{"abc"}, hand_stats(9, "abc")},
      {"stats of the server", Stats{}, hand_stats(9, "")},
      {"limits", SetLimits{"a", kOneToFive}, hand_limits(9)},
      {"bind", Arguments{35, "a", {"--queue", "0", ""}},
       hand_arguments(kBind, 9, {"--queue\0000\0", 11})},
      {"unbind", Arguments{36, "a", {}}, hand_arguments(kUnbind, 9, "")},
      {"reload", Script{37, "a", "s", bytes_of("x")}, hand_whole(9, "x", kReload)},
      {"evaluate", Script{38, "a", "s", bytes_of("x")}, hand_whole(9, "x", kEvaluate)},
  };
  for (const auto& c : cases) EXPECT_EQ(encode({9}, c.command, kSmall), only(c.message)) << c.what;
}

TEST(EncodeExtension, refuses_what_no_message_can_carry) {
  const std::string name(64, 'n'), argument(4016, 'x');
  const Command cases[] = {
      Stats{name},
      Stats{std::string_view("a\0b", 3)},
      SetLimits{"", {}},
      SetLimits{name, {}},
      Arguments{35, "", {}},
      Arguments{34, "a", {}},
      Arguments{35, "a", {std::string_view("a\0b", 3)}},
      Arguments{35, "a", {argument}},
      Script{20, "a", "s", {}},
  };
  int number = 0;
  for (const Command& command : cases)
    EXPECT_TRUE(encode({}, command, kSmall).empty()) << "case " << number++;
  const std::string_view longest = std::string_view(argument).substr(1);
  EXPECT_EQ(encode({}, Arguments{35, "a", {longest}}, kSmall).at(0).size(), 4096u);
}

TEST(EncodeExtension, cuts_a_text_into_equal_parts) {
  const struct {
    Limits limits;
    size_t bytes, messages;
  } cases[] = {{kSmall, 0, 1},      {kSmall, 4068, 1}, {kSmall, 4069, 2}, {kSmall, 65'536, 17},
               {kSmall, 65'537, 0}, {kLarge, 8164, 1}, {kLarge, 8165, 2}, {kLarge, 65'536, 9}};
  for (const auto& c : cases) {
    const auto messages = encode_text({}, 33, std::string(c.bytes, 'x'), c.limits);
    EXPECT_EQ(messages.size(), c.messages) << c.bytes;
    for (const Message& message : messages) EXPECT_LE(message.size(), c.limits.payload_bytes());
  }
}

TEST(EncodeExtension, writes_replies_as_one_does_by_hand) {
  EXPECT_EQ(encode_done({9, 5}, 37), hand(37, kDone, 9, 5).build());
  EXPECT_EQ(encode_text({9, 5}, 32, "", kSmall),
            only(hand(32, kInit | kDone, 9, 5).u32(0).u32(0).u32(0)));
  const std::string part(4068, 'x');
  const std::vector<Message> three = {
      hand(33, kInit | kMulti, 9, 5).u32(8137).u32(0).u32(0).bytes(part),
      hand(33, kMulti, 9, 5).u32(1).u32(4068).bytes(part),
      hand(33, kMulti | kDone, 9, 5).u32(2).u32(8136).bytes("x")};
  EXPECT_EQ(encode_text({9, 5}, 33, std::string(8137, 'x'), kSmall), three);
}

TEST(DecodeExtension, reads_commands_written_by_hand) {
  EXPECT_TRUE(std::holds_alternative<ErrorText>(*decode_single(32, {})));
  EXPECT_TRUE(std::holds_alternative<Printed>(*decode_single(39, {})));
  EXPECT_FALSE(decode_single(39, std::vector<uint8_t>{0}));
  const Message stats = hand_stats(1, "abc"), of_all = hand_stats(1, "");
  EXPECT_EQ(std::get<Stats>(*decode_single(33, body_of_hand(stats))).name, "abc");
  EXPECT_EQ(std::get<Stats>(*decode_single(33, body_of_hand(of_all))).name, "");
  const Message limits = hand_limits(1);
  const auto set = std::get<SetLimits>(*decode_single(34, body_of_hand(limits)));
  EXPECT_EQ(set.name, "a");
  EXPECT_EQ(set.values, kOneToFive);
}

TEST(DecodeExtension, reads_arguments) {
  using Strings = std::vector<std::string_view>;
  const struct {
    std::string_view bytes;
    Strings arguments;
  } cases[] = {
      {"", {}}, {{"\0", 1}, {""}}, {{"a\0", 2}, {"a"}}, {{"a\0\0bc\0", 6}, {"a", "", "bc"}}};
  for (const uint16_t type : {kBind, kUnbind})
    for (const auto& c : cases) {
      const Message message = hand_arguments(type, 1, c.bytes);
      const auto decoded = std::get<Arguments>(*decode_single(type, body_of_hand(message)));
      EXPECT_EQ(decoded.type, type);
      EXPECT_EQ(decoded.name, "a");
      EXPECT_EQ(decoded.arguments, c.arguments);
    }
}

TEST(DecodeExtension, refuses_every_length_but_the_right_one) {
  const struct {
    uint16_t type;
    Message message;
  } cases[] = {{32, hand_error_text(1)}, {33, hand_stats(1, "a")}, {34, hand_limits(1)}};
  for (const auto& c : cases) {
    const ByteView body = body_of_hand(c.message);
    for (size_t size = 0; size < body.size(); ++size)
      EXPECT_FALSE(decode_single(c.type, body.first(size))) << c.type << ' ' << size;
    EXPECT_TRUE(decode_single(c.type, body)) << c.type;
    Message longer(body.begin(), body.end());
    longer.push_back(0);
    EXPECT_FALSE(decode_single(c.type, longer)) << c.type;
  }
}

TEST(DecodeExtension, refuses_arguments_without_a_name_or_a_final_zero) {
  const Message nameless = hand(35, kRequest, 1).zeros(64), open = hand_arguments(kBind, 1, "x"),
                short_name = hand(35, kRequest, 1).text("a", 63),
                endless = hand(35, kRequest, 1).text(std::string(64, 'n'), 64);
  for (const Message& message : {nameless, open, short_name, endless})
    EXPECT_FALSE(decode_single(35, body_of_hand(message)));
}

TEST(DecodeExtension, refuses_names_that_are_none) {
  const std::string endless(64, 'n');
  const Message stats = hand_stats(1, endless);
  EXPECT_FALSE(decode_single(33, body_of_hand(stats)));
  for (const std::string& name : {std::string(), endless}) {
    const Message limits = hand(34, kRequest, 1).text(name, 64).zeros(32);
    EXPECT_FALSE(decode_single(34, body_of_hand(limits)));
  }
}

TEST(DecodeExtension, reads_replies_written_by_hand) {
  for (const uint16_t type : {uint16_t{34}, kReload})
    EXPECT_EQ(std::get<Done>(*decode_reply(hand(type, kDone, 9).build(), kSmall)).type, type);
  for (const uint16_t type : {uint16_t{32}, uint16_t{33}, kBind, kUnbind, kEvaluate}) {
    const Message message = hand(type, kInit | kMulti, 9).u32(9).u32(0).u32(0).bytes("abc");
    const auto part = std::get<TextPart>(*decode_reply(message, kSmall));
    EXPECT_EQ(part.type, type);
    EXPECT_EQ(part.total_bytes, 9u);
    EXPECT_FALSE(part.is_last);
    EXPECT_EQ(text_of(part.bytes), "abc");
  }
  const Message last = hand(33, kMulti | kDone, 9).u32(2).u32(3).bytes("d");
  const auto part = std::get<TextPart>(*decode_reply(last, kSmall));
  EXPECT_FALSE(part.total_bytes);
  EXPECT_TRUE(part.is_last);
  EXPECT_EQ(part.fragment.offset, 3u);
}

TEST(DecodeExtension, refuses_what_no_server_sends) {
  const struct {
    const char* what;
    Message message;
  } cases[] = {
      {"limits with a body", hand(34, kDone, 9).u32(0)},
      {"a text without a total", hand(33, kInit | kDone, 9).zeros(3)},
      {"a text without a fragment", hand(33, kInit | kDone, 9).zeros(11)},
      {"a later part without a fragment", hand(33, kMulti | kDone, 9).zeros(7)},
  };
  for (const auto& c : cases) EXPECT_FALSE(decode_reply(c.message, kSmall)) << c.what;
}

}  // namespace
}  // namespace nflua::control
