// SPDX-License-Identifier: GPL-2.0-or-later
// A client's socket: datagrams to a server, and whatever comes to its port. It never waits. Over
// libmnl, which opens and binds.
//
// Context: one thread.
#pragma once

#include <libmnl/libmnl.h>

#include <memory>
#include <span>

#include "control/codec.hpp"
#include "support/outcome.hpp"

namespace nflua::control {

/// Where commands go.
struct Server {
  int family = NETLINK_USERSOCK;
  uint32_t port = NFLUA_DAEMON_PORT;

  bool is_kernel() const { return family == NETLINK_NFLUA; }
};
inline constexpr Server kKernelModule = {NETLINK_NFLUA, 0};

struct SocketOptions {
  Server server;
  /// Of the client. 0: one that nobody has.
  uint32_t own_port = 0;
  /// Numbers, from 1, of the multicast groups whose datagrams come as well.
  std::span<const uint32_t> groups = {};
  /// Of what came and was not read yet. The kernel gives as much of it as it may.
  int receive_buffer_bytes = 1 << 20;
};

class ClientSocket {
 public:
  struct Arrived {
    /// 0: a datagram. EAGAIN: nothing is there. ENOBUFS: some were lost before. Else the socket is
    /// of no use.
    int error = 0;
    /// Borrows: from the socket, until its next receive().
    ByteView datagram;
    /// The sender's.
    uint32_t port = 0;
    /// It was sent to: a bit for each group, 0 for this port alone.
    uint32_t groups = 0;
  };

  static nflua::Outcome<ClientSocket> open(const SocketOptions& options);

  int fd() const { return mnl_socket_get_fd(socket_.get()); }
  uint32_t port() const { return mnl_socket_get_portid(socket_.get()); }

  /// To the server. Returns 0 or an errno; EAGAIN: the server has no room for it, and nobody will
  /// tell when it has.
  int send(ByteView message) const;
  Arrived receive();

 private:
  struct Closer {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };

  ClientSocket(mnl_socket* socket, const Server& server);
  int bind(uint32_t own_port) const;
  int join(std::span<const uint32_t> groups) const;
  void widen(int receive_buffer_bytes) const;

  std::unique_ptr<mnl_socket, Closer> socket_;
  Server server_;
  std::vector<uint8_t> buffer_;
};

}  // namespace nflua::control
