// SPDX-License-Identifier: GPL-2.0-or-later
// Over real netlink sockets, which need no privilege.
#include "control/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/stub_server.hpp"

namespace nflua::control {
namespace {

using test::StubServer;
using testing::HasSubstr;
using testing::IsEmpty;

/// Far above what any answer takes.
constexpr Milliseconds kPatience{20'000};
/// Where time is to run out.
constexpr Milliseconds kShort{30};

constexpr Limits kLimits(4096);

using Messages = std::vector<Message>;

ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
std::string text_of(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

ClientOptions with_port(uint32_t port) {
  ClientOptions options;
  options.socket.own_port = port;
  return options;
}

Client open(const StubServer& server, ClientOptions options = {}) {
  options.socket.server.port = server.port();
  auto client = Client::open(options);
  EXPECT_TRUE(client) << client.failure().message();
  return std::move(*client);
}

Client open_at(uint32_t server_port) {
  ClientOptions options;
  options.socket.server.port = server_port;
  auto client = Client::open(options);
  EXPECT_TRUE(client) << client.failure().message();
  return std::move(*client);
}

void begin(Client& client, const Command& command) {
  EXPECT_FALSE(client.begin(command));
  client.send_some();
}

Message data_message(uint32_t number, std::string_view payload, uint32_t port = 0) {
  return *encode_data_from_state({number, port}, Data{"a", bytes_of(payload)}, kLimits);
}

/// A server as docs/protocol.md says, in little: state "no" is refused, and so are its data.
struct Little {
  std::string why;

  Messages operator()(Stamp stamp, const Command& command) {
    if (std::holds_alternative<ErrorText>(command))
      return encode_text(stamp, NFLUA_ERROR_TEXT, why, kLimits);
    if (const auto* data = std::get_if<Data>(&command)) {
      if (data->name != "no") return {};
      why = "there is no state 'no'";
      return {encode_error(stamp)};
    }
    if (std::holds_alternative<List>(command)) return encode_list(stamp, {}, kLimits);
    if (const auto* stats = std::get_if<Stats>(&command))
      return encode_text(stamp, NFLUA_STATS, std::string(stats->name) + std::string(9000, '.'),
                         kLimits);
    if (const auto* create = std::get_if<Create>(&command)) {
      why = create->name == "no" ? "the name is taken" : "";
      if (create->name == "no") return {encode_error(stamp)};
      return {encode_done(stamp, NFLUA_CREATE)};
    }
    if (const auto* script = std::get_if<Script>(&command))
      return encode_text(stamp, script->type, std::to_string(script->chunk.size()), kLimits);
    return {};
  }
};

TEST(Client, has_a_port_that_is_nobodys_process) {
  StubServer server(Little{});
  const Client one = open(server), other = open(server);
  EXPECT_GE(one.port(), 0x80000000u);
  EXPECT_NE(one.port(), other.port());
}

TEST(Client, gets_an_answer_to_every_command_in_turn) {
  StubServer server(Little{});
  Client client = open(server);
  EXPECT_TRUE(client.call(Create{"a"}, kPatience));
  EXPECT_TRUE(client.call(List{}, kPatience));
  auto stats = client.call(Stats{"a"}, kPatience);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->text, "a" + std::string(9000, '.'));
  EXPECT_EQ(client.number(), 3u);
}

TEST(Client, sends_a_script_in_fragments) {
  StubServer server(Little{});
  Client client = open(server);
  const std::string chunk(59'968, '-');
  auto answer = client.call(Script{NFLUA_EVALUATE, "a", "s", bytes_of(chunk)}, kPatience);
  ASSERT_TRUE(answer) << answer.failure().message();
  EXPECT_EQ(answer->text, "59968");
}

TEST(Client, puts_a_list_together) {
  std::vector<ListedState> all;
  for (uint32_t i = 0; i < NFLUA_MAX_STATES; ++i) all.push_back({std::to_string(i), 40'000, i});
  StubServer server([&](Stamp stamp, const Command&) { return encode_list(stamp, all, kLimits); });
  Client client = open(server);
  auto answer = client.call(List{}, kPatience);
  ASSERT_TRUE(answer) << answer.failure().message();
  EXPECT_EQ(answer->states, all);
}

TEST(Client, tells_why_a_command_was_refused) {
  StubServer server(Little{});
  Client client = open(server);
  const auto answer = client.call(Create{"no"}, kPatience);
  EXPECT_FALSE(answer);
  EXPECT_EQ(answer.failure().message(), "the name is taken");
  EXPECT_EQ(client.trouble(), Trouble::refused);
  EXPECT_TRUE(client.call(Create{"yes"}, kPatience));
  EXPECT_EQ(client.trouble(), Trouble::none);
}

TEST(Client, says_so_when_nobody_tells_why) {
  StubServer server([](Stamp stamp, const Command&) { return Messages{encode_error(stamp)}; });
  Client client = open(server);
  const auto answer = client.call(Create{"a"}, kPatience);
  EXPECT_THAT(answer.failure().message(), HasSubstr("its own user"));
  EXPECT_EQ(client.trouble(), Trouble::unserved);
}

TEST(Client, says_so_when_nobody_is_there) {
  uint32_t port = 0;
  { port = StubServer(Little{}).port(); }
  Client client = open_at(port);
  const auto answer = client.call(List{}, kPatience);
  EXPECT_THAT(answer.failure().message(), HasSubstr("found no daemon at port"));
  EXPECT_EQ(client.trouble(), Trouble::unreachable);
}

TEST(Client, says_so_when_the_module_is_not_loaded) {
  ClientOptions options;
  options.socket.server = kKernelModule;
  const auto client = Client::open(options);
  if (client) GTEST_SKIP() << "SKIPPED: the kernel has a netlink family 31";
  EXPECT_THAT(client.failure().message(), HasSubstr("load it"));
}

TEST(Client, waits_no_longer_than_it_was_told) {
  StubServer server([](Stamp, const Command&) { return Messages(); });
  Client client = open(server);
  const auto answer = client.call(List{}, kShort);
  EXPECT_THAT(answer.failure().message(), HasSubstr("didn't answer within"));
  EXPECT_EQ(client.trouble(), Trouble::unreachable);
}

TEST(Client, takes_no_late_answer_for_that_of_the_next_command) {
  Messages late;
  StubServer server([&](Stamp stamp, const Command& command) {
    if (std::exchange(late, {encode_done(stamp, NFLUA_CREATE)}).empty()) return Messages();
    Messages both = {encode_done({1, stamp.port}, NFLUA_CREATE)};
    both.push_back(std::holds_alternative<Create>(command) ? encode_error(stamp) : both.back());
    return both;
  });
  Client client = open(server);
  EXPECT_FALSE(client.call(Create{"a"}, kShort));
  begin(client, Create{"b"});
  while (client.phase() == Client::Phase::waiting) client.receive_some();
  EXPECT_EQ(client.phase(), Client::Phase::failed);
  EXPECT_EQ(client.counters().ignored, 1u);
}

TEST(Client, refuses_to_send_what_no_message_can_carry) {
  StubServer server(Little{});
  Client client = open(server);
  const std::string name(64, 'n'), chunk(59'969, 'x'), data(4013, 'd'), argument(4016, 'a');
  const struct {
    Command command;
    const char* text;
  } cases[] = {
      {Create{""}, "found 0 bytes, expected 1 to 63"},
      {Create{name}, "found 64 bytes, expected 1 to 63"},
      {Script{NFLUA_RELOAD, "a", "s", bytes_of(chunk)},
       "found 59969 bytes, expected at most 59968"},
      {Data{"a", bytes_of(data)}, "found 4013 bytes, expected at most 4012"},
      {Arguments{NFLUA_BIND, "a", {argument}}, "found 4017 bytes, expected at most 4016"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(client.call(c.command, kPatience).failure().message(), HasSubstr(c.text));
    EXPECT_EQ(client.trouble(), Trouble::unsendable);
  }
  EXPECT_TRUE(client.call(List{}, kPatience)) << "no number was used up";
}

TEST(Client, learns_which_data_were_refused) {
  StubServer server(Little{});
  Client client = open(server);
  std::vector<uint32_t> bad;
  for (int i = 0; i < 5000; ++i) {
    const bool is_bad = i % 3 == 0;
    const Failure failure = client.send({is_bad ? "no" : "a", bytes_of("x")}, kPatience);
    ASSERT_FALSE(failure) << failure.message();
    if (is_bad) bad.push_back(client.number());
  }
  auto answer = client.call(ErrorText{}, kPatience);
  ASSERT_TRUE(answer) << answer.failure().message();
  EXPECT_EQ(answer->text, "there is no state 'no'");
  EXPECT_EQ(client.take_refused(), bad);
  EXPECT_THAT(client.take_refused(), IsEmpty());
}

TEST(Client, keeps_data_that_come_while_a_command_waits) {
  StubServer server([](Stamp stamp, const Command&) {
    return Messages{data_message(1, "one", stamp.port), encode_done(stamp, NFLUA_CREATE),
                    data_message(2, "two", stamp.port)};
  });
  Client client = open(server);
  EXPECT_TRUE(client.call(Create{"a"}, kPatience));
  for (const char* payload : {"one", "two"}) {
    auto datagram = client.receive(kPatience);
    ASSERT_TRUE(datagram && *datagram);
    EXPECT_EQ((*datagram)->state, "a");
    EXPECT_EQ((*datagram)->port, server.port());
    EXPECT_EQ(text_of((*datagram)->payload), payload);
  }
}

TEST(Client, counts_data_that_its_inbox_has_no_room_for) {
  constexpr uint32_t kTooMany = 10;
  std::atomic<bool> is_first = true;
  StubServer server([&](Stamp stamp, const Command&) {
    Messages answers;
    if (is_first.exchange(false)) return answers;
    return Messages{encode_done(stamp, NFLUA_CREATE)};
  });
  Client client = open(server);
  begin(client, Create{"a"});
  for (uint32_t i = 1; i <= Client::kInbox + kTooMany; ++i) {
    server.send(client.port(), data_message(i, "x", server.port()));
    client.receive_some();
  }
  EXPECT_EQ(client.counters().inbox_full, kTooMany);
  uint32_t taken = 0;
  while (client.take_datagram()) ++taken;
  EXPECT_EQ(taken, Client::kInbox);
}

TEST(Client, leaves_data_in_the_socket_while_nothing_waits_behind_them) {
  StubServer server(Little{});
  Client client = open(server);
  for (uint32_t i = 1; i <= Client::kInbox + 10; ++i) {
    server.send(client.port(), data_message(i, "x", server.port()));
    client.receive_some();
  }
  EXPECT_EQ(client.counters().inbox_full, 0u);
  for (uint32_t i = 1; i <= Client::kInbox + 10; ++i) {
    auto datagram = client.receive(kPatience);
    ASSERT_TRUE(datagram && *datagram);
    EXPECT_EQ((*datagram)->number, i);
  }
}

TEST(Client, has_what_found_room_in_its_socket_in_order) {
  StubServer server(Little{});
  ClientOptions options;
  options.socket.receive_buffer_bytes = 4096;
  Client client = open(server, options);
  for (uint32_t i = 1; i <= 1000; ++i)
    server.send(client.port(), data_message(i, "x", server.port()));
  uint32_t last = 0;
  for (;;) {
    auto datagram = client.receive(kShort);
    ASSERT_TRUE(datagram);
    if (!*datagram) break;
    EXPECT_EQ((*datagram)->number, last + 1);
    last = (*datagram)->number;
  }
  EXPECT_GT(last, 0u);
  EXPECT_LT(last, 1000u);
}

TEST(Client, ignores_strangers) {
  StubServer server([](Stamp, const Command&) { return Messages(); });
  Client client = open(server);
  begin(client, Create{"a"});
  StubServer::send_from_elsewhere(client.port(), encode_done({1, server.port()}, NFLUA_CREATE));
  StubServer::send_from_elsewhere(client.port(), encode_error({1, server.port()}));
  StubServer::send_from_elsewhere(client.port(), data_message(1, "x"));
  StubServer::send_from_elsewhere(client.port(), Message(3));
  while (client.counters().ignored < 4) client.receive_some();
  EXPECT_EQ(client.phase(), Client::Phase::waiting);
  EXPECT_FALSE(client.take_datagram());
}

TEST(Client, takes_data_of_anyone_if_it_was_told_to) {
  StubServer server(Little{});
  ClientOptions options;
  options.data_of_anyone = true;
  Client client = open(server, options);
  StubServer::send_from_elsewhere(client.port(), data_message(1, "x"));
  auto datagram = client.receive(kPatience);
  ASSERT_TRUE(datagram && *datagram);
  EXPECT_NE((*datagram)->port, server.port());
}

TEST(Client, says_so_when_an_answer_is_none) {
  const struct {
    const char* what;
    StubServer::Answers answers;
  } cases[] = {
      {"a later part first",
       [](Stamp stamp, const Command&) {
         auto parts = encode_text(stamp, NFLUA_STATS, std::string(5000, 'x'), kLimits);
         return Messages{parts[1]};
       }},
      {"a body that no reply has",
       [](Stamp stamp, const Command&) {
         return encode({stamp.sequence, stamp.port}, Destroy{"a"}, kLimits);
       }},
  };
  for (const auto& c : cases) {
    StubServer server(c.answers);
    Client client = open(server);
    EXPECT_THAT(client.call(Stats{}, kPatience).failure().message(),
                HasSubstr("an answer that is none"))
        << c.what;
  }
}

TEST(Client, gets_in_step_on_a_port_that_someone_had_before) {
  StubServer server(Little{});
  uint32_t port = 0;
  {
    Client before = open(server);
    port = before.port();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(before.call(List{}, kPatience));
  }
  Client client = open(server, with_port(port));
  EXPECT_EQ(client.port(), port);
  EXPECT_TRUE(client.call(List{}, kPatience));
}

TEST(Client, says_so_when_its_port_is_taken) {
  StubServer server(Little{});
  const auto client = Client::open(with_port(server.port()));
  EXPECT_FALSE(client);
  EXPECT_THAT(client.failure().message(), HasSubstr("EADDRINUSE"));
}

TEST(Client, has_nothing_to_receive_when_time_is_over) {
  StubServer server(Little{});
  Client client = open(server);
  auto datagram = client.receive(kShort);
  ASSERT_TRUE(datagram);
  EXPECT_FALSE(*datagram);
}

}  // namespace
}  // namespace nflua::control
