// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's socket: datagrams of any program of this network namespace, each with the user who
// sent it. It never waits.
#pragma once

#include <libmnl/libmnl.h>
#include <sys/types.h>

#include <memory>

#include "control/codec.hpp"
#include "support/outcome.hpp"

namespace nflua::control {

class ServerSocket {
 public:
  struct Arrived {
    /// 0: a datagram. EAGAIN: nothing is there. ENOBUFS: some were lost before.
    int error = 0;
    /// Borrows: from the socket, until its next receive().
    ByteView datagram;
    /// The sender's. 0 is the kernel.
    uint32_t port = 0;
    /// Nothing: the kernel does not say who it was.
    std::optional<uid_t> user;
  };

  /// Errors: the port is taken.
  static nflua::Outcome<ServerSocket> open(uint32_t port);

  int fd() const { return mnl_socket_get_fd(socket_.get()); }
  uint32_t port() const { return mnl_socket_get_portid(socket_.get()); }

  Arrived receive();
  /// Returns 0 or an errno; EAGAIN: the receiver has no room. Context: any thread.
  int send(uint32_t port, ByteView message) const;

 private:
  struct Closer {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };

  explicit ServerSocket(mnl_socket* socket);

  std::unique_ptr<mnl_socket, Closer> socket_;
  std::vector<uint8_t> buffer_;
};

}  // namespace nflua::control
