// SPDX-License-Identifier: GPL-2.0-or-later
// A client of the daemon or the kernel module (docs/protocol.md): one command at a time, and the
// data that states send.
//
//   waiting:      open → call(command) …      send(data) … call(ErrorText{}) → take_refused()
//                        receive() …
//   not waiting:  open → begin(command) → send_some() while phase() is sending
//                      → when fd() is readable: receive_some()
//                      → phase() is answered: take_answer(); failed: failure()
//                      → take_datagram() …, then begin() again
//
// DATA has no answer when it is good: it is answered as soon as it is sent. A server tells of bad
// DATA later, by its number, which take_refused() has; it does so before it answers the command
// that follows.
//
// On a port that was asked for (own_port) the server may expect any number, since someone had it
// before: begin(ErrorText{}) first, whatever it is answered; call() and send() see to that.
//
// A command that runs out of time in phase sending may be half sent: then the server refuses the
// next one. Open another client instead.
//
// Owns: its socket, what came, and every answer. Borrows: a command, for the duration of the call.
// Context: one thread; throws only where an allocation fails.
#pragma once

#include <chrono>
#include <deque>

#include "control/client_socket.hpp"
#include "control/reassembly.hpp"

namespace nflua::control {

/// DATA that came.
struct Datagram {
  std::string state;
  /// The state's own counter, from 1.
  uint32_t number = 0;
  /// The sender's.
  uint32_t port = 0;
  /// It was sent to: a bit for each group, 0 for this client's port alone.
  uint32_t groups = 0;
  std::vector<uint8_t> payload;
};

/// A good one. Each command fills at most one of them.
struct Answer {
  std::vector<ListedState> states;
  std::string text;
};

enum class Trouble : uint8_t {
  none,
  unsendable,   ///< the command itself: a name that is none, too long
  refused,      ///< by the server, which says why
  unserved,     ///< by the server, which won't say why: it doesn't serve this user
  unreachable,  ///< nobody there, no answer in time, the socket failed
};

struct ClientCounters {
  /// Times that datagrams were lost, since the socket's buffer was full.
  uint64_t overruns = 0;
  /// Datagrams that the inbox had no room for.
  uint64_t inbox_full = 0;
  /// Numbers that take_refused() had no room for.
  uint64_t refused_full = 0;
  /// Messages of other senders than the server, and those that are none of the protocol.
  uint64_t ignored = 0;
};

struct ClientOptions {
  SocketOptions socket;
  /// DATA of any sender is welcome, as that of groups; else only of the server.
  bool data_of_anyone = false;
};

class Client {
 public:
  enum class Phase : uint8_t { idle, sending, waiting, receiving, answered, failed };

  /// Datagrams that wait for take_datagram(). What is more stays in the socket's buffer, unless
  /// a command waits for its answer behind it.
  static constexpr size_t kInbox = 4096;
  /// Numbers that wait for take_refused().
  static constexpr size_t kRefused = 1 << 20;

  static nflua::Outcome<Client> open(const ClientOptions& options);

  int fd() const { return socket_.fd(); }
  uint32_t port() const { return socket_.port(); }
  const Server& server() const { return server_; }
  Limits limits() const { return limits_; }
  const ClientCounters& counters() const { return counters_; }

  // Without waiting.

  Phase phase() const { return phase_; }
  /// Of the command that was begun last.
  uint32_t number() const { return number_; }
  /// Requires: phase() is none of sending, waiting and receiving. Errors: it can't be sent.
  Failure begin(const Command& command);
  /// As much as the server has room for. When it has none, phase() is still sending: a socket can't
  /// tell when that changes, so try again in a millisecond.
  void send_some();
  /// All that is there, or until the command is done or the inbox full.
  void receive_some();
  /// Requires: phase() is answered.
  Answer take_answer();
  /// Of the last command.
  const Failure& failure() const { return failure_; }
  Trouble trouble() const { return trouble_; }
  std::optional<Datagram> take_datagram();
  /// Numbers of earlier commands, as a rule DATA, that the server refused.
  std::vector<uint32_t> take_refused();

  // Waiting. A signal doesn't end it, unless said.

  /// Sends it and waits for the answer; a refused one is followed by the question why.
  nflua::Outcome<Answer> call(const Command& command, Milliseconds timeout);
  /// Sends it and waits until the server has room for it. Its number is number().
  Failure send(const Data& data, Milliseconds timeout);
  /// Nothing: time is over, or a signal came. Errors: the socket failed.
  nflua::Outcome<std::optional<Datagram>> receive(Milliseconds timeout);

 private:
  using Clock = std::chrono::steady_clock;
  struct Deadline {
    explicit Deadline(Milliseconds given) : timeout(given), at(Clock::now() + given) {}
    /// As it was given, for people.
    Milliseconds timeout;
    Clock::time_point at;
  };

  Client(ClientSocket socket, const ClientOptions& options);

  bool is_busy() const;
  bool has_room() const { return is_busy() || inbox_.size() < kInbox; }
  void fail(Trouble trouble, Failure failure);
  bool take_arrived(const ClientSocket::Arrived& arrived);
  void take(const ClientSocket::Arrived& arrived, const nlmsghdr& header, const Reply& reply);
  void take_data(const ClientSocket::Arrived& arrived, uint32_t number, const Data& data);
  void take_failure(uint32_t number);
  void take_part(const nlmsghdr& header, const Reply& reply);
  void finish(Progress progress);
  Failure run(const Command& command, const Deadline& deadline);
  void wait(const Deadline& deadline) const;
  void get_in_step(const Deadline& deadline);
  void ask_why(const Deadline& deadline);

  ClientSocket socket_;
  Server server_;
  Limits limits_;
  bool data_of_anyone_;
  /// A port that someone else may have had: the number that follows there is not known.
  bool is_in_step_;

  Phase phase_ = Phase::idle;
  uint32_t number_ = 0;
  /// Of the command.
  uint16_t type_ = 0;
  std::vector<Message> messages_;
  size_t sent_ = 0;
  ListAssembler list_;
  TextAssembler text_;
  Failure failure_;
  Trouble trouble_ = Trouble::none;

  std::deque<Datagram> inbox_;
  std::vector<uint32_t> refused_;
  ClientCounters counters_;
};

}  // namespace nflua::control
