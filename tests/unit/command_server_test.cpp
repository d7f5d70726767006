// SPDX-License-Identifier: GPL-2.0-or-later
// Over real netlink sockets, which need no privilege; every byte is written by hand.
#include "control/command_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/control_messages.hpp"

namespace nflua::control {
namespace {

using namespace nflua::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Messages = std::vector<Message>;
using Texts = std::vector<std::string>;

constexpr uint16_t kError = 2;
constexpr uint16_t kCreate = 16, kDestroy = 17, kList = 18, kExecute = 19, kData = 20;
constexpr uint16_t kErrorText = 32, kStats = 33, kEvaluate = 38, kPrinted = 39;
constexpr size_t kTextBytes = 4068;  // in one message
constexpr size_t kBufferBytes = 8192;

/// A port that is nobody's process.
constexpr uint32_t kFirstPort = 0x90000000;

/// A client's socket. Owns: it.
class Peer {
 public:
  explicit Peer(uint32_t server) : server_(server) {
    sockaddr_nl any = {.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = 0};
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    socklen_t size = sizeof any;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&any), &size);
    port_ = any.nl_pid;
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { end(); }

  uint32_t port() const { return port_; }
  void end() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  /// So little that the second message finds no room.
  void have_no_room() {
    const int bytes = 0;  // the kernel gives its minimum
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }

  void send(const Message& message) const {
    const sockaddr_nl to = {
        .nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = server_, .nl_groups = 0};
    EXPECT_EQ(sendto(fd_, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                     sizeof to),
              ssize_t(message.size()));
  }
  /// All that is there.
  Messages received() const {
    Messages messages;
    uint8_t buffer[kBufferBytes];
    for (ssize_t got = 0; (got = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) >= 0;)
      messages.emplace_back(buffer, buffer + got);
    return messages;
  }

 private:
  int fd_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
  uint32_t server_;
  uint32_t port_ = 0;
};

/// Does as it is told.
class Fake final : public Handler {
 public:
  Result handle(uint32_t, uint32_t sequence, const Command& command) override {
    handled.push_back(fmt::format("{} type {}", sequence, command.index()));
    return result;
  }
  void settle_data(uint32_t) override {
    handled.emplace_back("settle");
    if (settle) settle();
  }

  Result result = Carried{};
  std::function<void()> settle;
  Texts handled;
};

CommandServer open_server() {
  uint32_t port = kFirstPort + uint32_t(getpid()) % 10'000;
  for (;; ++port)
    if (nflua::Outcome<CommandServer> server = CommandServer::open(port)) return std::move(*server);
}

class CommandServerTest : public testing::Test {
 protected:
  /// The server takes what has been sent, and the client gets what comes of it.
  Messages answers(std::initializer_list<Message> messages) {
    for (const Message& message : messages) peer.send(message);
    server.receive_some(fake);
    return peer.received();
  }

  Message error(uint32_t number) const { return HandWritten(kError, 0, number, server.port()); }
  Message done(uint16_t type, uint32_t number) const {
    return HandWritten(type, kDone, number, server.port());
  }
  Message text(uint16_t type, uint32_t number, std::string_view text) const {
    return HandWritten(type, kInit | kDone, number, server.port())
        .u32(uint32_t(text.size()))
        .u32(0)
        .u32(0)
        .bytes(text);
  }
  static Message create(uint32_t number, std::string_view name = "a") {
    return HandWritten(kCreate, kRequest, number).text(name, 64).u32(0).u32(0);
  }
  static Message list(uint32_t number) { return HandWritten(kList, kRequest, number); }
  static Message error_text(uint32_t number) { return HandWritten(kErrorText, kRequest, number); }
  static Message printed(uint32_t number) { return HandWritten(kPrinted, kRequest, number); }
  static Message stats(uint32_t number) {
    return HandWritten(kStats, kRequest, number).text("", 64);
  }
  static Message data(uint32_t number) {
    return HandWritten(kData, kRequest | kDone, number).u32(1).text("a", 64).bytes("x");
  }

  CommandServer server = open_server();
  Peer peer{server.port()};
  Fake fake;
};

TEST_F(CommandServerTest, a_port_that_is_taken_says_what_to_do) {
  const nflua::Outcome<CommandServer> second = CommandServer::open(server.port());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.failure().message(), HasSubstr("--port"));
}

TEST_F(CommandServerTest, done_is_a_header) {
  EXPECT_THAT(answers({create(7)}), ElementsAre(done(kCreate, 7)));
  EXPECT_THAT(answers({HandWritten(kDestroy, kRequest, 8).text("a", 64)}),
              ElementsAre(done(kDestroy, 8)));
  EXPECT_THAT(answers({HandWritten(kExecute, kRequest | kInit | kDone, 9)
                           .u32(1)
                           .text("a", 64)
                           .text("s", 255)
                           .zeros(1)
                           .u32(0)
                           .u32(0)
                           .bytes("x")}),
              ElementsAre(done(kExecute, 9)));
  EXPECT_THAT(fake.handled,
              ElementsAre("settle", "7 type 0", "settle", "8 type 1", "settle", "9 type 3"));
  EXPECT_EQ(server.counters().commands, 3U);
}

TEST_F(CommandServerTest, a_failure_is_an_error_and_its_text_waits) {
  fake.result = Failure("there is none");
  EXPECT_THAT(answers({create(1), error_text(2), error_text(3)}),
              ElementsAre(error(1), text(kErrorText, 2, "there is none"),
                          text(kErrorText, 3, "there is none")));
  fake.result = Carried{};
  EXPECT_THAT(answers({create(4), error_text(5)}),
              ElementsAre(done(kCreate, 4), text(kErrorText, 5, "")));
  EXPECT_EQ(server.counters().failed, 1U);
  EXPECT_EQ(server.counters().commands, 5U);
}

TEST_F(CommandServerTest, the_text_of_a_failure_has_a_bound) {
  fake.result = Failure(std::string(10'000, 'x'));
  EXPECT_THAT(answers({create(1), error_text(2)}),
              ElementsAre(error(1), text(kErrorText, 2, std::string(4000, 'x'))));
}

TEST_F(CommandServerTest, what_a_command_printed_waits_until_the_next_one) {
  answers({create(1)});
  server.keep_printed(peer.port(), "one\ntwo\n");
  EXPECT_THAT(answers({printed(2), error_text(3), printed(4)}),
              ElementsAre(text(kPrinted, 2, "one\ntwo\n"), text(kErrorText, 3, ""),
                          text(kPrinted, 4, "one\ntwo\n")));
  EXPECT_THAT(answers({create(5), printed(6)}),
              ElementsAre(done(kCreate, 5), text(kPrinted, 6, "")));
}

TEST_F(CommandServerTest, what_was_printed_is_another_clients_business) {
  const Peer other(server.port());
  answers({create(1)});
  server.keep_printed(peer.port(), "secret\n");
  other.send(printed(1));
  server.receive_some(fake);
  EXPECT_THAT(other.received(), ElementsAre(text(kPrinted, 1, "")));
}

TEST_F(CommandServerTest, each_client_has_its_own_text) {
  const Peer other(server.port());
  fake.result = Failure("of both");
  answers({create(1)});
  other.send(error_text(1));
  server.receive_some(fake);
  EXPECT_THAT(other.received(), ElementsAre(text(kErrorText, 1, "")));
  EXPECT_EQ(server.clients(), 2U);
}

TEST_F(CommandServerTest, a_text_goes_in_as_many_messages_as_it_needs) {
  const std::string whole = std::string(kTextBytes, 'x') + "rest";
  fake.result = whole;
  const Message first = HandWritten(kStats, kInit | kMulti, 1, server.port())
                            .u32(uint32_t(whole.size()))
                            .u32(0)
                            .u32(0)
                            .bytes(std::string(kTextBytes, 'x'));
  const Message last =
      HandWritten(kStats, kMulti | kDone, 1, server.port()).u32(1).u32(kTextBytes).bytes("rest");
  EXPECT_THAT(answers({stats(1)}), ElementsAre(first, last));
  fake.result = std::string();
  EXPECT_THAT(answers({stats(2)}), ElementsAre(text(kStats, 2, "")));
}

TEST_F(CommandServerTest, a_reply_longer_than_one_can_be_is_a_failure_that_says_so) {
  fake.result = std::string(65'537, 'x');
  EXPECT_THAT(answers({stats(1)}), ElementsAre(error(1)));
  EXPECT_EQ(server.counters().failed, 1U);
  fake.result = std::vector<ListedState>(905, {"a", 0, 0});
  EXPECT_THAT(answers({list(2)}), ElementsAre(error(2)));
  const Messages why = answers({error_text(3)});
  ASSERT_EQ(why.size(), 1U);
  EXPECT_THAT(std::string(why[0].begin(), why[0].end()), HasSubstr("longer than a reply"));
}

TEST_F(CommandServerTest, rows_of_a_list) {
  fake.result = std::vector<ListedState>{{"a", 32'768, 1}, {"b", 40'000, 2}};
  const Message rows = HandWritten(kList, kInit | kDone, 1, server.port())
                           .u32(2)
                           .u32(0)
                           .u32(0)
                           .text("a", 64)
                           .u32(32'768)
                           .u32(1)
                           .text("b", 64)
                           .u32(40'000)
                           .u32(2);
  EXPECT_THAT(answers({list(1)}), ElementsAre(rows));
}

TEST_F(CommandServerTest, good_data_is_not_answered_and_bad_data_later) {
  fake.result = OnItsWay{};
  EXPECT_THAT(answers({data(1), data(2)}), IsEmpty());
  EXPECT_EQ(server.counters().data, 2U);
  server.fail_data(peer.port(), 1, "it raised");
  EXPECT_THAT(peer.received(), ElementsAre(error(1)));
  EXPECT_THAT(answers({error_text(3)}), ElementsAre(text(kErrorText, 3, "it raised")));
  EXPECT_EQ(server.counters().failed, 1U);
}

TEST_F(CommandServerTest, failures_of_data_come_before_the_next_answer) {
  fake.settle = [this] {
    server.fail_data(peer.port(), 1, "it raised");
    fake.settle = {};
  };
  fake.result = OnItsWay{};
  EXPECT_THAT(answers({data(1), error_text(2)}),
              ElementsAre(error(1), text(kErrorText, 2, "it raised")));
  EXPECT_THAT(fake.handled, ElementsAre("1 type 4", "settle"));
}

TEST_F(CommandServerTest, what_is_malformed_is_refused_and_not_handled) {
  EXPECT_THAT(answers({HandWritten(21, kRequest, 5), HandWritten(kList, kRequest, 6).zeros(4)}),
              ElementsAre(error(5), error(6)));
  EXPECT_THAT(fake.handled, IsEmpty());
  EXPECT_EQ(server.counters().malformed, 2U);
  EXPECT_EQ(server.counters().commands, 0U);
}

TEST_F(CommandServerTest, what_is_no_request_is_not_answered) {
  EXPECT_THAT(answers({HandWritten(kError, 0, 5), Message(15)}), IsEmpty());
  EXPECT_EQ(server.counters().malformed, 0U);
}

TEST_F(CommandServerTest, the_last_fragment_has_the_answer) {
  const auto begin = [](uint32_t number) -> Message {
    return HandWritten(kEvaluate, kRequest | kInit | kMulti, number)
        .u32(3)
        .text("a", 64)
        .text("s", 255)
        .zeros(1)
        .u32(0)
        .u32(0)
        .bytes("ab");
  };
  fake.result = std::string("42");
  EXPECT_THAT(answers({begin(1)}), IsEmpty());
  EXPECT_THAT(
      answers({HandWritten(kEvaluate, kRequest | kMulti | kDone, 1).u32(1).u32(2).bytes("c")}),
      ElementsAre(text(kEvaluate, 1, "42")));
}

TEST_F(CommandServerTest, an_answer_to_who_is_gone_is_counted_and_the_client_forgotten) {
  Peer gone(server.port());
  gone.send(list(1));
  server.receive_some(fake);
  EXPECT_EQ(server.clients(), 1U);
  gone.send(create(2));
  gone.end();
  server.receive_some(fake);
  EXPECT_EQ(server.counters().replies_lost, 1U);
  EXPECT_EQ(server.clients(), 0U);
}

TEST_F(CommandServerTest, an_answer_that_finds_no_room_is_lost_as_a_whole) {
  peer.have_no_room();
  fake.result = std::string(65'536, 'x');
  const Messages got = answers({stats(1)});
  EXPECT_LT(got.size(), 17U);
  EXPECT_EQ(server.counters().replies_lost, 1U);
  EXPECT_EQ(server.clients(), 0U);
  fake.result = Carried{};
  EXPECT_THAT(answers({create(50)}), ElementsAre(done(kCreate, 50)));  // its number is free again
}

TEST_F(CommandServerTest, who_was_heard_just_now_is_not_forgotten) {
  answers({create(1)});
  server.expire();
  EXPECT_EQ(server.clients(), 1U);
  EXPECT_THAT(answers({create(7)}), ElementsAre(error(7)));
}

TEST_F(CommandServerTest, a_batch_leaves_the_rest_for_the_next_turn) {
  for (uint32_t number = 1; number <= 100; ++number) peer.send(data(number));
  fake.result = OnItsWay{};
  server.receive_some(fake);
  EXPECT_LT(server.counters().data, 100U);
  pollfd readable = {.fd = server.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&readable, 1, 0), 1);
  server.receive_some(fake);
  EXPECT_EQ(server.counters().data, 100U);
}

}  // namespace
}  // namespace nflua::control
