// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/codec.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/control_messages.hpp"

namespace nflua::control {
namespace {

using namespace nflua::test;

constexpr Limits kSmall(4096);
constexpr Limits kLarge(65536);

ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
std::string text_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

ByteView body_of_hand(const Message& message) { return ByteView(message).subspan(16); }

uint16_t flags_of(const Message& message) { return read_header(message)->nlmsg_flags; }

std::vector<Message> only(const Message& message) { return std::vector<Message>(1, message); }

std::vector<ListedState> states(size_t count) {
  std::vector<ListedState> all;
  for (size_t i = 0; i < count; ++i)
    all.push_back({"s" + std::to_string(i), 40'000, static_cast<uint32_t>(i)});
  return all;
}

TEST(Limits, are_what_the_protocol_says_for_both_sizes_of_a_message) {
  const struct {
    size_t page, payload, fragment, fragments, chunk, data, rows;
  } cases[] = {{4096, 4096, 3748, 16, 59'968, 4012, 56},
               {16'384, 8192, 7844, 8, 62'752, 8108, 113},
               {65'536, 8192, 7844, 8, 62'752, 8108, 113}};
  for (const auto& c : cases) {
    const Limits limits(c.page);
    EXPECT_EQ(limits.payload_bytes(), c.payload);
    EXPECT_EQ(limits.fragment_bytes(), c.fragment);
    EXPECT_EQ(limits.fragments(), c.fragments);
    EXPECT_EQ(limits.chunk_bytes(), c.chunk);
    EXPECT_EQ(limits.data_bytes(), c.data);
    EXPECT_EQ(limits.list_rows(), c.rows);
  }
}

TEST(Encode, writes_commands_as_one_does_by_hand) {
  const struct {
    const char* what;
    Command command;
    Message message;
  } cases[] = {
      {"create", Create{"abc", 40'000}, hand_create(9, "abc", 40'000)},
      {"create by default", Create{"abc"}, hand_create(9, "abc")},
      {"destroy", Destroy{"abc"}, hand_destroy(9, "abc")},
      {"list", List{}, hand_list(9)},
      {"execute", Script{NFLUA_EXECUTE, "a", "s", bytes_of("x = 1")}, hand_whole(9, "x = 1")},
      {"execute nothing", Script{NFLUA_EXECUTE, "a", "s", {}}, hand_whole(9, "")},
      {"data", Data{"a", bytes_of("hello")}, hand_data(9, 5, "hello")},
      {"no data", Data{"a", {}}, hand_data(9, 0, "")},
  };
  for (const auto& c : cases) EXPECT_EQ(encode({9}, c.command, kSmall), only(c.message)) << c.what;
}

TEST(Encode, writes_replies_as_one_does_by_hand) {
  EXPECT_EQ(encode_error({9, 5}), hand(2, 0, 9, 5).build());
  EXPECT_EQ(encode_done({9, 5}, 16), hand(16, kDone, 9, 5).build());
  EXPECT_EQ(encode_data_from_state({1, 5}, Data{"a", bytes_of("hi")}, kSmall),
            hand(20, kRequest | kDone, 1, 5).u32(2).text("a", 64).bytes("hi").build());
  EXPECT_EQ(encode_list({9, 5}, {}, kSmall),
            only(hand(18, kInit | kDone, 9, 5).u32(0).u32(0).u32(0)));
  const std::vector<ListedState> one = {{"a", 40'000, 300}};
  const Message row =
      hand(18, kInit | kDone, 9, 5).u32(1).u32(0).u32(0).text("a", 64).u32(40'000).u32(300);
  EXPECT_EQ(encode_list({9, 5}, one, kSmall), only(row));
}

TEST(Encode, cuts_a_chunk_at_the_room_of_a_first_message) {
  const std::string chunk(3749, 'x');
  const auto messages = encode({9}, Script{NFLUA_EXECUTE, "a", "s", bytes_of(chunk)}, kSmall);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0], hand_first(9, 3749, chunk.substr(1)).build());
  EXPECT_EQ(messages[0].size(), 4096u);
  EXPECT_EQ(messages[1], hand_last(9, 1, 3748, "x").build());
}

TEST(Encode, counts_fragments_and_their_bytes) {
  const std::string chunk(59'968, 'x');
  const auto messages = encode({9}, Script{NFLUA_EXECUTE, "a", "s", bytes_of(chunk)}, kSmall);
  ASSERT_EQ(messages.size(), 16u);
  for (uint32_t i = 1; i < 15; ++i)
    EXPECT_EQ(messages[i], hand_next(9, i, i * 3748, chunk.substr(0, 3748)).build());
  EXPECT_EQ(messages[15], hand_last(9, 15, 15 * 3748, chunk.substr(0, 3748)).build());
}

TEST(Encode, makes_no_more_messages_of_a_chunk_than_it_takes) {
  const struct {
    Limits limits;
    size_t bytes, messages;
  } cases[] = {{kSmall, 0, 1},       {kSmall, 3748, 1},   {kSmall, 3749, 2}, {kSmall, 7496, 2},
               {kSmall, 59'968, 16}, {kSmall, 59'969, 0}, {kLarge, 7844, 1}, {kLarge, 7845, 2},
               {kLarge, 62'752, 8},  {kLarge, 62'753, 0}};
  for (const auto& c : cases) {
    const std::string chunk(c.bytes, 'x');
    const auto messages = encode({}, Script{NFLUA_EXECUTE, "a", "s", bytes_of(chunk)}, c.limits);
    EXPECT_EQ(messages.size(), c.messages) << c.bytes;
    for (const Message& message : messages) EXPECT_LE(message.size(), c.limits.payload_bytes());
  }
}

TEST(Encode, refuses_what_no_message_can_carry) {
  const std::string name(64, 'n'), script(256, 's'), data(4013, 'd');
  const Command cases[] = {
      Create{name},
      Create{""},
      Create{std::string_view("a\0b", 3)},
      Destroy{name},
      Script{NFLUA_EXECUTE, name, "s", {}},
      Script{NFLUA_EXECUTE, "a", script, {}},
      Script{NFLUA_EXECUTE, "a", std::string_view("s\0t", 3), {}},
      Data{name, {}},
      Data{"a", bytes_of(data)},
  };
  for (const Command& command : cases)
    EXPECT_TRUE(encode({}, command, kSmall).empty()) << command.index();
  EXPECT_FALSE(encode_data_from_state({}, Data{"a", bytes_of(data)}, kSmall));
  EXPECT_TRUE(encode_list({}, std::vector<ListedState>{{name, 0, 0}}, kSmall).empty());
}

TEST(Encode, takes_names_and_data_up_to_their_bounds) {
  const std::string name(63, 'n'), script(255, 's'), data(4012, 'd');
  EXPECT_EQ(encode({9}, Create{name}, kSmall), only(hand_create(9, name)));
  const Message execute = encode({9}, Script{NFLUA_EXECUTE, name, script, {}}, kSmall).at(0);
  EXPECT_EQ(execute, hand(19, kRequest | kInit | kDone, 9)
                         .u32(0)
                         .text(name, 64)
                         .bytes(script)
                         .zeros(1 + 8)
                         .build());
  EXPECT_EQ(encode({9}, Data{"a", bytes_of(data)}, kSmall).at(0).size(), 4096u);
}

TEST(Encode, spreads_a_list_over_messages) {
  const struct {
    Limits limits;
    size_t states, messages;
  } cases[] = {{kSmall, 0, 1},   {kSmall, 56, 1},   {kSmall, 57, 2},  {kSmall, 112, 2},
               {kSmall, 113, 3}, {kSmall, 904, 17}, {kSmall, 905, 0}, {kLarge, 113, 1},
               {kLarge, 114, 2}, {kLarge, 904, 8},  {kLarge, 905, 0}};
  for (const auto& c : cases) {
    const auto messages = encode_list({}, states(c.states), c.limits);
    EXPECT_EQ(messages.size(), c.messages) << c.states;
    for (const Message& message : messages) EXPECT_LE(message.size(), c.limits.payload_bytes());
  }
}

TEST(Encode, counts_the_rows_of_a_list_as_one_does_by_hand) {
  const auto all = states(113);
  HandWritten by_hand[] = {hand(18, kInit | kMulti, 9).u32(113).u32(0).u32(0),
                           hand(18, kMulti, 9).u32(1).u32(56),
                           hand(18, kMulti | kDone, 9).u32(2).u32(112)};
  for (size_t i = 0; i < all.size(); ++i)
    by_hand[i / 56].text(all[i].name, 64).u32(all[i].maxalloc).u32(all[i].curralloc);
  EXPECT_EQ(encode_list({9}, all, kSmall), std::vector<Message>(by_hand, by_hand + 3));
}

TEST(Body, is_what_the_header_announces) {
  const Message message = hand_data(9, 5, "hello");  // 89 bytes
  const auto body = body_of(*read_header(message), message, kSmall);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->size(), 73u);
}

TEST(Body, may_be_followed_by_padding_to_a_multiple_of_4) {
  const struct {
    size_t sent;
    bool good;
  } cases[] = {{88, false}, {89, true}, {90, true}, {91, true}, {92, true}, {93, false}};
  for (const auto& c : cases) {
    Message message = hand_data(9, 5, "hello");
    message.resize(c.sent);
    const auto body = body_of(*read_header(message), message, kSmall);
    EXPECT_EQ(body.has_value(), c.good) << c.sent;
    EXPECT_EQ(body.value_or(ByteView()).size(), c.good ? 73u : 0u) << c.sent;
  }
}

TEST(Body, is_none_when_the_header_lies) {
  for (const uint32_t length : {1u, 15u, 81u, 0x80000000u, 0xfffffffdu, 0xffffffffu}) {
    const Message message = hand_destroy(9, "a").lie(length);
    EXPECT_FALSE(body_of(*read_header(message), message, kSmall)) << length;
  }
}

TEST(Body, is_none_in_a_message_above_the_bound) {
  const std::string chunk(3749, 'x');
  const Message message = hand_whole(9, chunk);
  EXPECT_EQ(message.size(), 4097u);
  EXPECT_FALSE(body_of(*read_header(message), message, kSmall));
  EXPECT_TRUE(body_of(*read_header(message), message, kLarge));
}

TEST(Header, takes_16_bytes) {
  const Message message = hand_list(9);
  for (size_t size = 0; size < 16; ++size)
    EXPECT_FALSE(read_header(ByteView(message).first(size))) << size;
  EXPECT_EQ(read_header(message)->nlmsg_seq, 9u);
}

TEST(Decode, reads_commands_written_by_hand) {
  const Message message = hand_create(1, "abc", 40'000);
  const auto create = decode_single(16, body_of_hand(message));
  ASSERT_TRUE(create);
  EXPECT_EQ(std::get<Create>(*create).name, "abc");
  EXPECT_EQ(std::get<Create>(*create).maxalloc, 40'000u);
  const Message destroy = hand_destroy(1, "abc");
  EXPECT_EQ(std::get<Destroy>(*decode_single(17, body_of_hand(destroy))).name, "abc");
  EXPECT_TRUE(std::holds_alternative<List>(*decode_single(18, {})));
  const Message data = hand_data(1, 5, "hello");
  const auto decoded = decode_single(20, body_of_hand(data));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<Data>(*decoded).name, "a");
  EXPECT_EQ(text_of(std::get<Data>(*decoded).bytes), "hello");
}

TEST(Decode, refuses_every_length_but_the_right_one) {
  const struct {
    uint16_t type;
    Message message;
  } cases[] = {{16, hand_create(1, "a")},
               {17, hand_destroy(1, "a")},
               {18, hand_list(1)},
               {20, hand_data(1, 3, "abc")}};
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

TEST(Decode, refuses_names_that_are_none) {
  const std::string endless(64, 'n');
  for (const std::string& name : {std::string(), endless}) {
    EXPECT_FALSE(decode_single(16, body_of_hand(hand_create(1, name))));
    EXPECT_FALSE(decode_single(17, body_of_hand(hand_destroy(1, name))));
    EXPECT_FALSE(decode_single(20, body_of_hand(hand(20, 5, 1).u32(0).text(name, 64))));
    EXPECT_FALSE(decode_script_start(
        body_of_hand(hand(19, 13, 1).u32(0).text(name, 64).zeros(255 + 1 + 8))));
  }
  const std::string longest(63, 'n');
  EXPECT_TRUE(decode_single(17, body_of_hand(hand_destroy(1, longest))));
}

TEST(Decode, ignores_what_follows_a_names_final_zero) {
  const Message message = hand_destroy(1, std::string_view("ab\0junk", 7));
  EXPECT_EQ(std::get<Destroy>(*decode_single(17, body_of_hand(message))).name, "ab");
}

TEST(Decode, refuses_data_whose_total_lies) {
  for (const uint32_t total : {0u, 4u, 6u, 0xffffffffu})
    EXPECT_FALSE(decode_single(20, body_of_hand(hand_data(1, total, "hello")))) << total;
}

TEST(Decode, refuses_types_that_are_no_single_command) {
  const Message create = hand_create(1, "a");
  for (const int type : {0, 1, 2, 3, 15, 19, 21, 31, 37, 38, 40, 99, 0xffff})
    EXPECT_FALSE(decode_single(static_cast<uint16_t>(type), body_of_hand(create))) << type;
}

TEST(Decode, reads_a_script_whose_name_has_no_final_zero) {
  const std::string script(255, 's');
  const Message message = hand(19, 13, 1)
                              .u32(3)
                              .text("a", 64)
                              .bytes(script)
                              .bytes("?")  // padding is not looked at
                              .u32(0)
                              .u32(0)
                              .bytes("abc");
  const auto start = decode_script_start(body_of_hand(message));
  ASSERT_TRUE(start);
  EXPECT_EQ(start->name, "a");
  EXPECT_EQ(start->script, script);
  EXPECT_EQ(start->total_bytes, 3u);
  EXPECT_EQ(text_of(start->bytes), "abc");
}

TEST(Decode, refuses_fragments_without_room_for_their_head) {
  const Message start = hand_whole(1, ""), part = hand_next(1, 1, 5, "");
  for (size_t size = 0; size < 332; ++size)
    EXPECT_FALSE(decode_script_start(body_of_hand(start).first(size))) << size;
  EXPECT_TRUE(decode_script_start(body_of_hand(start)));
  for (size_t size = 0; size < 8; ++size)
    EXPECT_FALSE(decode_script_part(body_of_hand(part).first(size))) << size;
  EXPECT_EQ(decode_script_part(body_of_hand(part))->fragment.offset, 5u);
}

TEST(DecodeReply, reads_replies_written_by_hand) {
  EXPECT_TRUE(std::holds_alternative<Failed>(*decode_reply(hand(2, 0, 9).build(), kSmall)));
  for (const uint16_t type : {uint16_t{16}, uint16_t{17}, uint16_t{19}}) {
    const auto reply = decode_reply(hand(type, kDone, 9).build(), kSmall);
    ASSERT_TRUE(reply);
    EXPECT_EQ(std::get<Done>(*reply).type, type);
  }
  const Message data = hand(20, kRequest | kDone, 1).u32(2).text("a", 64).bytes("hi");
  EXPECT_EQ(text_of(std::get<Data>(*decode_reply(data, kSmall)).bytes), "hi");
}

TEST(DecodeReply, reads_the_messages_of_a_list) {
  const Message first =
      hand(18, kInit | kMulti, 9).u32(57).u32(0).u32(0).text("a", 64).u32(40'000).u32(7);
  const auto reply = decode_reply(first, kSmall);
  ASSERT_TRUE(reply);
  const auto& part = std::get<ListPart>(*reply);
  EXPECT_EQ(part.total_rows, 57u);
  EXPECT_FALSE(part.is_last);
  EXPECT_EQ(part.rows, (std::vector<ListedState>{{"a", 40'000, 7}}));

  const Message later = hand(18, kMulti | kDone, 9).u32(1).u32(56).text("b", 64).u32(0).u32(0);
  const auto last = std::get<ListPart>(*decode_reply(later, kSmall));
  EXPECT_FALSE(last.total_rows);
  EXPECT_TRUE(last.is_last);
  EXPECT_EQ(last.fragment.seq, 1u);
  EXPECT_EQ(last.fragment.offset, 56u);
}

TEST(DecodeReply, refuses_what_no_server_sends) {
  const std::string endless(64, 'n');
  const struct {
    const char* what;
    Message message;
  } cases[] = {
      {"no header", Message(15)},
      {"a request", hand_create(1, "a")},
      {"a body where none is", hand(16, kDone, 9).u32(0)},
      {"an unknown type", hand(21, kDone, 9)},
      {"a list without a total", hand(18, kInit | kDone, 9).zeros(3)},
      {"a list without a fragment", hand(18, kInit | kDone, 9).u32(0).u32(0)},
      {"half a row", hand(18, kInit | kDone, 9).u32(1).zeros(8).text("a", 64).u32(0)},
      {"an endless name", hand(18, kInit | kDone, 9).u32(1).zeros(8).text(endless, 64).zeros(8)},
      {"data that lie", hand(20, kDone, 9).u32(3).text("a", 64).bytes("hi")},
      {"a length that lies", hand(2, 0, 9).lie(20)},
  };
  for (const auto& c : cases) EXPECT_FALSE(decode_reply(c.message, kSmall)) << c.what;
}

TEST(Flags, say_each_messages_place) {
  const std::string chunk(3748 * 3, 'x');
  const auto messages = encode({}, Script{NFLUA_EXECUTE, "a", "s", bytes_of(chunk)}, kSmall);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(flags_of(messages[0]), 1 | 8 | 2);
  EXPECT_EQ(flags_of(messages[1]), 1 | 2);
  EXPECT_EQ(flags_of(messages[2]), 1 | 2 | 4);
}

/// The messages that docs/protocol.md shows as `hexdump -C` does; "*" repeats the line before.
std::vector<Message> messages_in_the_document() {
  constexpr size_t kBytesColumn = 10, kTextColumn = 60;
  std::vector<Message> messages;
  std::ifstream document(NFLUA_PROTOCOL_DOCUMENT);
  bool inside = false;
  Message last_line;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) {
      inside = line == "```hexdump";
      if (inside) messages.emplace_back();
    } else if (inside && line != "*") {
      Message& message = messages.back();
      const size_t offset = std::stoul(line, nullptr, 16);
      while (message.size() < offset && !last_line.empty())
        message.insert(message.end(), last_line.begin(), last_line.end());
      last_line.clear();
      std::istringstream bytes(
          line.size() > kBytesColumn ? line.substr(kBytesColumn, kTextColumn - kBytesColumn) : "");
      for (unsigned byte; bytes >> std::hex >> byte;)
        last_line.push_back(static_cast<uint8_t>(byte));
      message.insert(message.end(), last_line.begin(), last_line.end());
    }
  }
  return messages;
}

TEST(Document, shows_the_bytes_that_are_sent) {
  const std::string chunk = std::string(3747, '-') + "\ncount = 0\n";
  auto messages = encode({7}, Script{NFLUA_EXECUTE, "dns", "dns.lua", bytes_of(chunk)}, kSmall);
  messages.push_back(encode_done({7, NFLUA_DAEMON_PORT}, NFLUA_EXECUTE));
  EXPECT_EQ(messages_in_the_document(), messages);
}

}  // namespace
}  // namespace nflua::control
