// SPDX-License-Identifier: GPL-2.0-or-later
// A server made of the codec, on a NETLINK_USERSOCK port of its own: answers commands from a thread
// as a test says. Needs no privilege.
#pragma once

#include <functional>
#include <stop_token>
#include <thread>

#include "control/reassembly.hpp"

namespace nflua::test {

class StubServer {
 public:
  /// What it sends back: any messages at all. Called in the server's thread.
  using Answers =
      std::function<std::vector<control::Message>(control::Stamp, const control::Command&)>;

  explicit StubServer(Answers answers);
  StubServer(const StubServer&) = delete;
  StubServer& operator=(const StubServer&) = delete;
  ~StubServer();

  uint32_t port() const { return port_; }
  /// From the server's port. Any thread.
  void send(uint32_t to, const control::Message& message) const;
  /// Each from another one's port, as a stranger would.
  static void send_from_elsewhere(uint32_t to, const control::Message& message);

 private:
  void serve(const std::stop_token& stop);
  void take_one();

  Answers answers_;
  control::Reassembler reassembler_{control::Limits(4096)};
  int fd_;
  uint32_t port_;
  std::jthread thread_;
};

}  // namespace nflua::test
