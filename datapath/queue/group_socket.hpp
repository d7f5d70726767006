// SPDX-License-Identifier: GPL-2.0-or-later
// Datagrams to other programs of this machine, over netlink's family for users (NETLINK_USERSOCK):
// netlink.send(). Each is a DATA message (docs/protocol.md), though of any length.
#pragma once

#include <optional>

#include "datapath/queue/netlink_socket.hpp"
#include "engine/error.hpp"

namespace nflua::queue {

/// Whom a datagram is from.
struct DatagramOrigin {
  Text state;
  /// Counts the state's datagrams from 1, so that who listens sees what it missed.
  uint32_t number;
};

class GroupSocket {
 public:
  static Outcome<GroupSocket> open();
  /// Sends from a socket of another's, which is bound to `port`. Borrows: `fd`.
  GroupSocket(int fd, uint32_t port);

  /// To `port` unless that is 0, and to each group whose bit is set. Returns the payload's bytes. A
  /// group that nobody listens to is no failure. Context: any thread. Errors: the errno's name.
  Result<size_t> send(const DatagramOrigin& from, uint32_t port, uint32_t groups,
                      Bytes payload) const;

 private:
  explicit GroupSocket(NetlinkSocket socket);
  /// Returns 0 or an errno.
  int send_to(const DatagramOrigin& from, uint32_t port, uint32_t group, Bytes payload) const;

  std::optional<NetlinkSocket> own_;
  int fd_;
  uint32_t port_;
};

}  // namespace nflua::queue
