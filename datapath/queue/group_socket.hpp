// SPDX-License-Identifier: GPL-2.0-or-later
// Datagrams to other programs of this machine, over netlink's family for users (NETLINK_USERSOCK):
// netlink.send(). Each is a DATA message: docs/queue.md shows its bytes.
#pragma once

#include "datapath/queue/netlink_socket.hpp"
#include "engine/error.hpp"

namespace nflua::queue {

class GroupSocket {
 public:
  static Outcome<GroupSocket> open();

  /// From the state of that name, to `port` unless that is 0, and to each group whose bit is set.
  /// Returns the payload's bytes. A group that nobody listens to is no failure.
  /// Errors: the errno's name.
  Result<size_t> send(Text state, uint32_t port, uint32_t groups, Bytes payload);

 private:
  explicit GroupSocket(NetlinkSocket socket) : socket_(std::move(socket)) {}
  /// Returns 0 or an errno.
  int send_to(Text state, uint32_t port, uint32_t group, Bytes payload) const;

  NetlinkSocket socket_;
  /// Counts calls from 1, so that who listens to one group sees what it missed.
  uint32_t sequence_ = 0;
};

}  // namespace nflua::queue
