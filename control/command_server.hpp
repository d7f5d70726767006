// SPDX-License-Identifier: GPL-2.0-or-later
// The server's side of docs/protocol.md: takes what clients send, has their commands carried out,
// answers each once.
//
//   open → (receive_some() when fd() is readable | fail_data() | expire())*
// Context: one thread.
#pragma once

#include <map>

#include "control/counters.h"
#include "control/reassembly.hpp"
#include "control/server_socket.hpp"

namespace nflua::control {

/// Nothing to tell but that it is done.
struct Carried {};
/// DATA: it is good unless fail_data() says otherwise.
struct OnItsWay {};
/// What a command came to. The alternative must be that of the command's reply.
using Result = std::variant<Failure, Carried, OnItsWay, std::string, std::vector<ListedState>>;

/// Carries commands out.
class Handler {
 public:
  /// Before each command but DATA: waits for the DATA that this client sent before it, and says by
  /// fail_data() what failed, so that it has that before the answer.
  virtual void settle_data(uint32_t port) = 0;
  /// Never ErrorText or Printed. Borrows: the command, until it returns.
  virtual Result handle(uint32_t port, uint32_t sequence, const Command& command) = 0;

 protected:
  ~Handler() = default;
};

struct ServerCounters {
#define NFLUA_COUNTER(key, ...) uint64_t key = 0;
  NFLUA_SERVER_COUNTERS(NFLUA_COUNTER)
  NFLUA_DAEMON_COUNTERS(NFLUA_COUNTER)
#undef NFLUA_COUNTER
};

class CommandServer {
 public:
  /// Errors: as ServerSocket::open.
  static nflua::Outcome<CommandServer> open(uint32_t port);

  int fd() const { return socket_.fd(); }
  uint32_t port() const { return socket_.port(); }
  const Limits& limits() const { return limits_; }

  /// Handles a batch of what has arrived; the rest keeps fd() readable.
  void receive_some(Handler& handler);
  /// To be called while handle() runs: what a chunk of this port printed, for its PRINTED.
  void keep_printed(uint32_t port, std::string text);
  /// Of DATA that was OnItsWay.
  void fail_data(uint32_t port, uint32_t sequence, const std::string& why);
  /// Forgets silent clients. To be called now and then.
  void expire();

  const ServerCounters& counters() const { return counters_; }
  /// Clients that are remembered now.
  size_t clients() const { return reassembler_.ports(); }

 private:
  explicit CommandServer(ServerSocket socket);

  void take(const ServerSocket::Arrived& arrived, Handler& handler);
  std::vector<Message> carry_out(uint32_t port, const Received& received, Handler& handler);
  void keep_error(uint32_t port, std::string_view why);
  void refuse(uint32_t port, uint32_t sequence, std::string_view why);
  void send(uint32_t port, const std::vector<Message>& messages);

  ServerSocket socket_;
  Limits limits_;
  Reassembler reassembler_;
  /// Why the last command failed, by port.
  std::map<uint32_t, std::string> errors_;
  /// What the last command printed, by port.
  std::map<uint32_t, std::string> printed_;
  ServerCounters counters_;
};

}  // namespace nflua::control
