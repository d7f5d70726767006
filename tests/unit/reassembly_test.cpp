// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/reassembly.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_messages.hpp"

namespace nflua::control {
namespace {

using namespace nflua::test;

constexpr Limits kLimits(4096);

/// What a server hears, and what it makes of it in one word or two: "-" for nothing, "error 7",
/// "7 execute a s 12" with the chunk's size.
class Server {
 public:
  std::string hears(uint32_t port, const Message& message) {
    // A block of exactly this size: AddressSanitizer sees a read past its end.
    const Message exact(message);
    return told(reassembler.receive(port, exact, now));
  }

  Reassembler reassembler{kLimits};
  Milliseconds now{0};
  std::string chunk;

 private:
  struct Words {
    std::string operator()(const Create& c) { return "create " + std::string(c.name); }
    std::string operator()(const Destroy& c) { return "destroy " + std::string(c.name); }
    std::string operator()(const List&) { return "list"; }
    std::string operator()(const Data& c) { return "data " + std::string(c.name); }
    std::string operator()(const Script& c) {
      const char* type = c.type == kReload     ? "reload "
                         : c.type == kEvaluate ? "evaluate "
                                               : "execute ";
      return type + std::string(c.name) + ' ' + std::string(c.script) + ' ' +
             std::to_string(c.chunk.size());
    }
    std::string operator()(const ErrorText&) { return "error text"; }
    std::string operator()(const Printed&) { return "printed"; }
    std::string operator()(const Stats& c) { return "stats " + std::string(c.name); }
    std::string operator()(const SetLimits& c) { return "limits " + std::string(c.name); }
    std::string operator()(const Arguments& c) {
      return (c.type == kBind ? "bind " : "unbind ") + std::string(c.name) + ' ' +
             std::to_string(c.arguments.size());
    }
  };

  std::string told(const Outcome& outcome) {
    if (const auto* refused = std::get_if<Refused>(&outcome)) {
      EXPECT_FALSE(refused->reason.empty());
      return "error " + std::to_string(refused->sequence);
    }
    const auto* received = std::get_if<Received>(&outcome);
    if (!received) return "-";
    if (const auto* execute = std::get_if<Script>(&received->command))
      chunk.assign(execute->chunk.begin(), execute->chunk.end());
    return std::to_string(received->sequence) + ' ' + std::visit(Words{}, received->command);
  }
};

struct Said {
  Message message;
  std::string answer;
};

struct Conversation {
  const char* what;
  std::vector<Said> said;
};

/// Each with a server and a client of its own.
void hold(const std::vector<Conversation>& conversations) {
  for (const Conversation& conversation : conversations) {
    Server server;
    int line = 0;
    for (const Said& said : conversation.said)
      EXPECT_EQ(server.hears(100, said.message), said.answer)
          << conversation.what << ", message " << ++line;
    EXPECT_EQ(server.reassembler.half_sent(), 0u) << conversation.what;
  }
}

TEST(Reassembler, takes_every_command_written_by_hand) {
  hold({{"all of them",
         {{hand_create(1, "a", 40'000), "1 create a"},
          {hand_list(2), "2 list"},
          {hand_whole(3, "x = 1"), "3 execute a s 5"},
          {hand_data(4, 2, "hi"), "4 data a"},
          {hand_error_text(5), "5 error text"},
          {hand_stats(6, ""), "6 stats "},
          {hand_limits(7), "7 limits a"},
          {hand_arguments(kBind, 8, {"x\0y", 4}), "8 bind a 2"},
          {hand_arguments(kUnbind, 9, ""), "9 unbind a 0"},
          {hand_whole(10, "x = 1", kReload), "10 reload a s 5"},
          {hand_whole(11, "x = 1", kEvaluate), "11 evaluate a s 5"},
          {hand_destroy(12, "a"), "12 destroy a"}}}});
}

TEST(Reassembler, wants_each_number_to_be_the_next) {
  hold({
      {"the first is free", {{hand_list(4711), "4711 list"}, {hand_list(4712), "4712 list"}}},
      {"after the last comes 0",
       {{hand_list(0xffffffff), "4294967295 list"}, {hand_list(0), "0 list"}}},
      {"the same once more: then any",
       {{hand_list(5), "5 list"},
        {hand_list(5), "error 5"},
        {hand_list(90), "90 list"},
        {hand_list(91), "91 list"}}},
      {"one too many",
       {{hand_list(5), "5 list"}, {hand_list(7), "error 7"}, {hand_list(8), "8 list"}}},
      {"one was left out, as by a message that got lost",
       {{hand_list(5), "5 list"}, {hand_list(4), "error 4"}, {hand_list(5), "5 list"}}},
      {"a refused command used up its number",
       {{hand_list(5), "5 list"},
        {hand(17, kRequest, 6), "error 6"},
        {hand_list(7), "7 list"},
        {hand_list(7), "error 7"}}},
      {"the first is free, but not the one after it, though it was refused",
       {{hand(17, kRequest, 5), "error 5"}, {hand_list(9), "error 9"}, {hand_list(1), "1 list"}}},
      {"a whole command of a wrong number is not carried out",
       {{hand_list(5), "5 list"},
        {hand_whole(9, "x"), "error 9"},
        {hand_whole(9, "x"), "9 execute a s 1"}}},
  });
}

TEST(Reassembler, answers_a_wrong_number_once_however_many_fragments_bear_it) {
  hold({
      {"and starts afresh",
       {{hand_list(5), "5 list"},
        {hand_first(9, 3, "a"), "error 9"},
        {hand_next(9, 1, 1, "b"), "-"},
        {hand_last(9, 2, 2, "c"), "-"},
        {hand_first(9, 2, "a"), "-"},
        {hand_last(9, 1, 1, "b"), "9 execute a s 2"},
        {hand_list(10), "10 list"}}},
      {"at once",
       {{hand_list(5), "5 list"},
        {hand_first(9, 3, "a"), "error 9"},
        {hand_first(9, 2, "a"), "-"},
        {hand_last(9, 1, 1, "b"), "9 execute a s 2"}}},
      {"and once more after another command",
       {{hand_list(5), "5 list"},
        {hand_first(9, 3, "a"), "error 9"},
        {hand_list(20), "20 list"},
        {hand_next(9, 1, 1, "b"), "error 9"}}},
      {"after its last fragment it is a new one",
       {{hand_list(5), "5 list"},
        {hand_list(9), "error 9"},
        {hand_next(9, 1, 1, "b"), "error 9"},
        {hand_last(9, 2, 2, "c"), "-"},
        {hand_last(9, 2, 2, "c"), "error 9"}}},
      {"each wrong number",
       {{hand_list(5), "5 list"},
        {hand_next(9, 1, 1, "b"), "error 9"},
        {hand_next(9, 2, 2, "b"), "-"},
        {hand_next(8, 1, 1, "b"), "error 8"},
        {hand_next(8, 2, 2, "b"), "-"},
        {hand_list(20), "20 list"}}},
      {"in the middle of a command, which is forgotten",
       {{hand_first(5, 3, "a"), "-"},
        {hand_next(6, 1, 1, "b"), "error 6"},
        {hand_next(5, 1, 1, "b"), "error 5"},
        {hand_last(5, 2, 2, "c"), "-"},
        {hand_list(1), "1 list"}}},
      {"even if it is the next command's",
       {{hand_first(5, 2, "a"), "-"},
        {hand_list(6), "error 6"},
        {hand_last(5, 1, 1, "b"), "error 5"},
        {hand_list(7), "7 list"}}},
  });
}

TEST(Reassembler, joins_fragments_of_any_size) {
  Server server;
  EXPECT_EQ(server.hears(1, hand_first(7, 6, "ab")), "-");
  EXPECT_EQ(server.hears(1, hand_next(7, 1, 2, "c")), "-");
  EXPECT_EQ(server.reassembler.half_sent(), 1u);
  EXPECT_EQ(server.hears(1, hand_last(7, 2, 3, "def")), "7 execute a s 6");
  EXPECT_EQ(server.chunk, "abcdef");
  EXPECT_EQ(server.reassembler.half_sent(), 0u);
}

TEST(Reassembler, joins_the_fragments_of_every_type_that_has_some) {
  hold({{"reload",
         {{hand_first(1, 3, "ab", kReload), "-"},
          {hand_last(1, 1, 2, "c", kReload), "1 reload a s 3"}}},
        {"evaluate",
         {{hand_first(1, 3, "ab", kEvaluate), "-"},
          {hand_last(1, 1, 2, "c", kEvaluate), "1 evaluate a s 3"}}},
        {"but not of two types together",
         {{hand_first(1, 3, "ab", kReload), "-"},
          {hand_last(1, 1, 2, "c", kExecute), "error 1"},
          {hand_list(2), "2 list"}}}});
}

TEST(Reassembler, takes_the_longest_chunk_in_16_fragments) {
  Server server;
  std::string whole;
  for (uint32_t i = 0; i < 16; ++i) {
    const std::string bytes(3748, static_cast<char>('a' + i));
    const auto offset = static_cast<uint32_t>(whole.size());
    const Message message = i == 0    ? hand_first(7, 59'968, bytes)
                            : i == 15 ? hand_last(7, i, offset, bytes)
                                      : hand_next(7, i, offset, bytes);
    EXPECT_EQ(server.hears(1, message), i == 15 ? "7 execute a s 59968" : "-");
    whole += bytes;
  }
  EXPECT_EQ(server.chunk, whole);
}

TEST(Reassembler, fills_later_fragments_up_to_the_end_of_their_message) {
  const std::string room(4072, 'x');
  hold({{"just fits",
         {{hand_first(1, 4073, "a"), "-"}, {hand_last(1, 1, 1, room), "1 execute a s 4073"}}},
        {"one too many",
         {{hand_first(1, 4074, "a"), "-"}, {hand_last(1, 1, 1, room + "x"), "error 1"}}}});
}

TEST(Reassembler, refuses_more_than_16_fragments) {
  Server server;
  EXPECT_EQ(server.hears(1, hand_first(7, 17, "x")), "-");
  for (uint32_t i = 1; i < 16; ++i) EXPECT_EQ(server.hears(1, hand_next(7, i, i, "x")), "-");
  EXPECT_EQ(server.hears(1, hand_last(7, 16, 16, "x")), "error 7");
  EXPECT_EQ(server.hears(1, hand_list(8)), "8 list");
}

TEST(Reassembler, refuses_totals_that_lie) {
  const std::string room(3748, 'x');
  hold({
      {"a byte too many in one message", {{hand_start(13, 1, 4, "hello"), "error 1"}}},
      {"a byte missing in one message", {{hand_start(13, 1, 6, "hello"), "error 1"}}},
      {"more than a chunk can have", {{hand_first(1, 59'969, room), "error 1"}}},
      {"as much as a number can say", {{hand_first(1, 0xffffffff, room), "error 1"}}},
      {"all there, yet it goes on",
       {{hand_first(1, 1, "a"), "error 1"}, {hand_last(1, 1, 1, ""), "-"}}},
      {"a byte too many in the last",
       {{hand_first(1, 2, "a"), "-"}, {hand_last(1, 1, 1, "bc"), "error 1"}}},
      {"a byte too many in the first", {{hand_first(1, 1, "ab"), "error 1"}}},
      {"a byte too many between",
       {{hand_first(1, 2, "a"), "-"}, {hand_next(1, 1, 1, "bc"), "error 1"}}},
      {"a byte missing in the last",
       {{hand_first(1, 3, "a"), "-"}, {hand_last(1, 1, 1, "b"), "error 1"}}},
      {"complete, yet not the last",
       {{hand_first(1, 2, "a"), "-"}, {hand_next(1, 1, 1, "b"), "error 1"}}},
  });
}

TEST(Reassembler, refuses_a_command_once_and_ignores_what_is_left_of_it) {
  const std::vector<Said> rest = {{hand_next(1, 3, 3, "d"), "-"},
                                  {hand_last(1, 4, 4, "e"), "-"},
                                  {hand_first(2, 2, "a"), "-"},
                                  {hand_last(2, 1, 1, "b"), "2 execute a s 2"}};
  const struct {
    const char* what;
    Message bad;
  } cases[] = {
      {"a fragment is missing", hand_next(1, 2, 2, "c")},
      {"a fragment came twice", hand_next(1, 0, 0, "a")},
      {"a wrong number, the right place", hand_next(1, 2, 1, "b")},
      {"the right number, a wrong place", hand_next(1, 1, 2, "b")},
      {"far beyond the end", hand_next(1, 1, 0xffffffff, "b")},
      {"no room for a fragment's head", hand(19, kRequest | kMulti, 1).u32(1)},
      {"another type", hand(20, kRequest | kMulti, 1).u32(1).u32(1)},
      {"an unknown type", hand(99, kRequest | kMulti, 1).u32(1).u32(1)},
      {"no request", hand_part(kMulti, 1, 1, 1, "b")},
      {"the first one again", hand_first(1, 5, "a")},
      {"a length that lies", hand_next(1, 1, 1, "b").lie(24)},
  };
  for (const auto& c : cases) {
    Conversation conversation = {c.what, {{hand_first(1, 5, "a"), "-"}, {c.bad, "error 1"}}};
    conversation.said.insert(conversation.said.end(), rest.begin(), rest.end());
    hold({conversation});
  }
}

TEST(Reassembler, refuses_a_command_in_the_place_of_a_fragment) {
  hold({{"of the same number",
         {{hand_first(1, 2, "a"), "-"},
          {hand_destroy(1, "a"), "error 1"},
          {hand_last(1, 1, 1, "b"), "error 1"},
          {hand_list(9), "9 list"}}}});
}

TEST(Reassembler, refuses_malformed_messages) {
  const struct {
    const char* what;
    Message bad;
  } cases[] = {
      {"a short create", hand(16, kRequest, 2).text("a", 64).u32(0)},
      {"a long create", hand_create(2, "a").u32(0)},
      {"a create without a name", hand_create(2, "")},
      {"a short destroy", hand(17, kRequest, 2).text("a", 63)},
      {"a list with a body", hand_list(2).u32(0)},
      {"short data", hand(20, kRequest | kDone, 2).u32(0).text("a", 63)},
      {"data of a wrong total", hand_data(2, 9, "hello")},
      {"a short execute", hand(19, kRequest | kInit | kDone, 2).zeros(331)},
      {"an execute that begins with fragment 1",
       hand(19, kRequest | kInit | kDone, 2).u32(0).text("a", 64).zeros(256).u32(1).u32(0)},
      {"an execute that begins at byte 1",
       hand(19, kRequest | kInit | kDone, 2).u32(0).text("a", 64).zeros(256).u32(0).u32(1)},
      {"an execute that is neither first nor last", hand_start(kRequest, 2, 1, "a")},
      {"an execute that is the first, and no more", hand_start(kRequest | kInit, 2, 1, "a")},
      {"an execute that is no first one", hand_start(kRequest | kDone, 2, 1, "a")},
      {"an execute that is all", hand_start(kRequest | kInit | kMulti | kDone, 2, 1, "a")},
      {"an execute that is the first, and goes on unsaid", hand_start(kRequest | kInit, 2, 2, "a")},
      {"an execute that goes on and doesn't",
       hand_start(kRequest | kInit | kMulti | kDone, 2, 2, "a")},
      {"a fragment of nothing", hand_next(2, 1, 1, "b")},
      {"a create that is one of several", hand(16, kRequest | kMulti, 2).text("a", 64).zeros(8)},
      {"no request", hand(18, 0, 2)},
      {"a reply", hand(16, kDone, 2)},
      {"an unknown type", hand(21, kRequest, 2)},
      {"an extension that isn't there", hand(99, kRequest, 2)},
      {"an error text with a body", hand_error_text(2).u32(0)},
      {"short stats", hand(33, kRequest, 2).text("a", 63)},
      {"short limits", hand(34, kRequest, 2).text("a", 64).zeros(31)},
      {"a bind without a name", hand_arguments(kBind, 2, "").lie(16 + 63)},
      {"an argument without its zero", hand_arguments(kUnbind, 2, {"x\0y", 3})},
      {"a bind that is one of several", hand(35, kRequest | kMulti, 2).text("a", 64)},
      {"a short reload", hand(37, kRequest | kInit | kDone, 2).zeros(331)},
      {"netlink's own no-operation", hand(1, kRequest, 2)},
      {"a length of less than a header", hand_list(2).lie(15)},
      {"a length of more than is there", hand_list(2).lie(17)},
      {"a length of less than is there", hand_create(2, "a").lie(84)},
      {"more than a message may have", hand_whole(2, std::string(3749, 'x'))},
  };
  for (const auto& c : cases)
    hold({{c.what, {{hand_list(1), "1 list"}, {c.bad, "error 2"}, {hand_list(3), "3 list"}}}});
}

TEST(Reassembler, takes_the_largest_message) {
  hold({{"execute", {{hand_whole(1, std::string(3748, 'x')), "1 execute a s 3748"}}},
        {"data", {{hand_data(1, 4012, std::string(4012, 'x')), "1 data a"}}}});
}

TEST(Reassembler, has_no_answer_to_an_answer_nor_to_less_than_a_header) {
  hold({{"two servers would go on for ever",
         {{hand_list(1), "1 list"},
          {hand(2, 0, 77), "-"},
          {Message(15, 0xff), "-"},
          {Message(), "-"},
          {hand_list(2), "2 list"}}}});
}

TEST(Reassembler, keeps_clients_apart) {
  Server server;
  EXPECT_EQ(server.hears(1, hand_first(5, 2, "a")), "-");
  EXPECT_EQ(server.hears(2, hand_first(5, 3, "x")), "-");
  EXPECT_EQ(server.hears(3, hand_list(900)), "900 list");
  EXPECT_EQ(server.hears(2, hand_next(5, 1, 1, "y")), "-");
  EXPECT_EQ(server.hears(1, hand_last(5, 1, 1, "b")), "5 execute a s 2");
  EXPECT_EQ(server.chunk, "ab");
  EXPECT_EQ(server.hears(3, hand_list(7)), "error 7");
  EXPECT_EQ(server.hears(2, hand_last(5, 2, 2, "z")), "5 execute a s 3");
  EXPECT_EQ(server.chunk, "xyz");
}

TEST(Reassembler, holds_64_half_sent_commands) {
  Server server;
  for (uint32_t port = 0; port < 64; ++port)
    EXPECT_EQ(server.hears(port, hand_first(1, 2, "a")), "-");
  EXPECT_EQ(server.reassembler.half_sent(), 64u);
  EXPECT_EQ(server.hears(64, hand_first(1, 3, "a")), "error 1");
  EXPECT_EQ(server.hears(64, hand_next(1, 1, 1, "b")), "-");
  EXPECT_EQ(server.hears(64, hand_whole(2, "x")), "2 execute a s 1");
  EXPECT_EQ(server.hears(0, hand_last(1, 1, 1, "b")), "1 execute a s 2");
  EXPECT_EQ(server.hears(64, hand_first(3, 2, "a")), "-");
  EXPECT_EQ(server.reassembler.half_sent(), 64u);
}

TEST(Reassembler, gives_the_place_of_silent_clients_to_others) {
  Server server;
  for (uint32_t port = 0; port < 64; ++port) server.hears(port, hand_first(1, 2, "a"));
  server.now += kSilence;
  EXPECT_EQ(server.hears(64, hand_first(1, 2, "a")), "-");
  EXPECT_EQ(server.reassembler.half_sent(), 1u);
}

TEST(Reassembler, forgets_a_command_10_s_after_its_last_fragment) {
  using std::chrono::seconds;
  EXPECT_EQ(kSilence, seconds(10));
  Server server;
  EXPECT_EQ(server.hears(1, hand_first(1, 3, "a")), "-");
  server.now += kSilence - Milliseconds(1);
  EXPECT_EQ(server.hears(1, hand_next(1, 1, 1, "b")), "-");
  server.now += kSilence;
  EXPECT_EQ(server.hears(1, hand_last(1, 2, 2, "c")), "error 1");
  EXPECT_EQ(server.reassembler.half_sent(), 0u);
}

TEST(Reassembler, frees_what_silent_clients_left_when_told_the_time) {
  Server server;
  server.hears(1, hand_first(1, 3, "a"));
  server.now += Milliseconds(1);
  server.hears(2, hand_first(1, 3, "a"));
  server.now += kSilence - Milliseconds(1);
  server.reassembler.expire(server.now);
  EXPECT_EQ(server.reassembler.half_sent(), 1u);
  EXPECT_EQ(server.reassembler.ports(), 1u);
  EXPECT_EQ(server.hears(2, hand_next(1, 1, 1, "b")), "-");
}

TEST(Reassembler, takes_any_number_from_a_client_that_vanished) {
  Server server;
  server.hears(1, hand_first(5, 3, "a"));
  server.reassembler.forget(1);
  EXPECT_EQ(server.reassembler.half_sent(), 0u);
  EXPECT_EQ(server.hears(1, hand_list(1)), "1 list");
  server.now += kSilence;
  EXPECT_EQ(server.hears(1, hand_list(1)), "1 list");
}

TEST(Reassembler, remembers_a_bounded_number_of_clients) {
  Server server;
  server.hears(0, hand_first(5, 2, "a"));
  for (uint32_t port = 1; port <= kMaxPorts; ++port) {
    server.now += Milliseconds(1);
    server.hears(port, hand_list(5));
  }
  EXPECT_EQ(server.reassembler.ports(), kMaxPorts);
  // The most silent one made room, with what it had sent.
  EXPECT_EQ(server.reassembler.half_sent(), 0u);
  EXPECT_EQ(server.hears(1, hand_list(5)), "error 5");
  EXPECT_EQ(server.hears(0, hand_list(5)), "5 list");
}

TEST(Reassembler, understands_what_the_codec_writes) {
  const std::string chunk(50'000, 'x');
  const ByteView bytes(reinterpret_cast<const uint8_t*>(chunk.data()), chunk.size());
  Server server;
  std::string last;
  for (const Message& message : encode({3}, Script{NFLUA_EXECUTE, "a", "s", bytes}, kLimits))
    last = server.hears(1, message);
  EXPECT_EQ(last, "3 execute a s 50000");
  EXPECT_EQ(server.chunk, chunk);
}

// LIST replies.

ListPart part_of(const Message& message) {
  return std::get<ListPart>(*decode_reply(message, kLimits));
}

HandWritten rows(HandWritten message, size_t count) {
  for (size_t i = 0; i < count; ++i) message.text("a", 64).u32(40'000).u32(1);
  return message;
}

HandWritten first_rows(uint16_t flags, uint32_t total, size_t count) {
  return rows(hand(18, flags, 1).u32(total).u32(0).u32(0), count);
}

HandWritten more_rows(uint16_t flags, uint32_t number, uint32_t offset, size_t count) {
  return rows(hand(18, flags, 1).u32(number).u32(offset), count);
}

TEST(ListAssembler, joins_904_rows) {
  std::vector<ListedState> all;
  for (uint32_t i = 0; i < 904; ++i) all.push_back({std::to_string(i), 40'000, i});
  const auto messages = encode_list({}, all, kLimits);
  ListAssembler list;
  for (size_t i = 0; i + 1 < messages.size(); ++i)
    EXPECT_EQ(list.add(part_of(messages[i])), Progress::more);
  EXPECT_EQ(list.add(part_of(messages.back())), Progress::complete);
  EXPECT_EQ(list.states(), all);
}

TEST(ListAssembler, takes_an_empty_list) {
  ListAssembler list;
  EXPECT_EQ(list.add(part_of(first_rows(kInit | kDone, 0, 0))), Progress::complete);
  EXPECT_TRUE(list.states().empty());
}

TEST(ListAssembler, goes_by_offsets_where_a_server_miscounts_its_messages) {
  ListAssembler list;
  EXPECT_EQ(list.add(part_of(first_rows(kInit | kMulti, 3, 1))), Progress::more);
  EXPECT_EQ(list.add(part_of(more_rows(kMulti, 1, 1, 1))), Progress::more);
  EXPECT_EQ(list.add(part_of(more_rows(kMulti | kDone, 1, 2, 1))), Progress::complete);
}

TEST(ListAssembler, refuses_parts_that_do_not_fit) {
  const struct {
    const char* what;
    Message first, second;
  } cases[] = {
      {"the first one twice", first_rows(kInit | kMulti, 3, 1), first_rows(kInit | kMulti, 3, 1)},
      {"another total", first_rows(kInit | kMulti, 2, 1),
       rows(hand(18, kInit | kMulti | kDone, 1).u32(2).u32(1).u32(1), 1)},
      {"a gap", first_rows(kInit | kMulti, 3, 1), more_rows(kMulti | kDone, 1, 2, 2)},
      {"too many rows, yet it goes on", first_rows(kInit | kMulti, 2, 1),
       more_rows(kMulti, 1, 1, 2)},
      {"too many rows", first_rows(kInit | kMulti, 2, 1), more_rows(kMulti | kDone, 1, 1, 2)},
      {"too few rows", first_rows(kInit | kMulti, 3, 1), more_rows(kMulti | kDone, 1, 1, 1)},
      {"all there, no end", first_rows(kInit | kMulti, 2, 1), more_rows(kMulti, 1, 1, 1)},
      {"nothing new", first_rows(kInit | kMulti, 2, 1), more_rows(kMulti, 1, 1, 0)},
  };
  for (const auto& c : cases) {
    ListAssembler list;
    EXPECT_EQ(list.add(part_of(c.first)), Progress::more) << c.what;
    EXPECT_EQ(list.add(part_of(c.second)), Progress::malformed) << c.what;
  }
}

TEST(ListAssembler, refuses_a_beginning_that_is_none) {
  const Message cases[] = {more_rows(kMulti | kDone, 0, 0, 1), first_rows(kInit | kDone, 1, 2),
                           first_rows(kInit | kDone, 2, 1),    first_rows(kInit | kMulti, 905, 1),
                           first_rows(kInit | kMulti, 0, 0),   first_rows(kInit | kMulti, 9, 0)};
  for (const Message& message : cases)
    EXPECT_EQ(ListAssembler().add(part_of(message)), Progress::malformed);
}

// Texts.

TextPart text_part_of(const Message& message) {
  return std::get<TextPart>(*decode_reply(message, kLimits));
}

TEST(TextAssembler, joins_texts_up_to_the_longest) {
  for (const size_t size : {0u, 1u, 4068u, 4069u, 65'536u}) {
    const std::string whole(size, 't');
    const auto messages = encode_text({1}, NFLUA_STATS, whole, kLimits);
    ASSERT_FALSE(messages.empty());
    TextAssembler text;
    for (size_t i = 0; i + 1 < messages.size(); ++i)
      EXPECT_EQ(text.add(text_part_of(messages[i])), Progress::more);
    EXPECT_EQ(text.add(text_part_of(messages.back())), Progress::complete) << size;
    EXPECT_EQ(text.text(), whole);
  }
}

TEST(TextAssembler, refuses_parts_that_do_not_fit) {
  const Message first = hand(33, kInit | kMulti, 1).u32(5).u32(0).u32(0).bytes("ab");
  const struct {
    const char* what;
    Message second;
  } cases[] = {
      {"the first one twice", first},
      {"a gap", hand(33, kMulti | kDone, 1).u32(1).u32(3).bytes("cd")},
      {"too much", hand(33, kMulti | kDone, 1).u32(1).u32(2).bytes("cdef")},
      {"too little", hand(33, kMulti | kDone, 1).u32(1).u32(2).bytes("cd")},
      {"all there, no end", hand(33, kMulti, 1).u32(1).u32(2).bytes("cde")},
      {"nothing new", hand(33, kMulti, 1).u32(1).u32(2)},
  };
  for (const auto& c : cases) {
    TextAssembler text;
    EXPECT_EQ(text.add(text_part_of(first)), Progress::more) << c.what;
    EXPECT_EQ(text.add(text_part_of(c.second)), Progress::malformed) << c.what;
    EXPECT_EQ(text.text(), "ab") << c.what;
  }
  const Message endless = hand(33, kInit | kMulti, 1).u32(65'537).u32(0).u32(0).bytes("ab");
  EXPECT_EQ(TextAssembler().add(text_part_of(endless)), Progress::malformed);
}

}  // namespace
}  // namespace nflua::control
