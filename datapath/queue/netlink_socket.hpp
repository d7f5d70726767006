// SPDX-License-Identifier: GPL-2.0-or-later
// A netlink socket, and requests that the kernel answers. Over libmnl.
#pragma once

#include <libmnl/libmnl.h>

#include <memory>
#include <string>

#include "engine/bytes.hpp"
#include "engine/error.hpp"
#include "support/errno_text.hpp"
#include "support/outcome.hpp"

namespace nflua::queue {

class NetlinkSocket {
 public:
  /// `bus`: NETLINK_NETFILTER and so on. `groups`: a bit for each that is listened to.
  static Outcome<NetlinkSocket> open(int bus, unsigned groups = 0);

  int fd() const { return mnl_socket_get_fd(socket_.get()); }
  /// The port id that the kernel knows this socket by.
  uint32_t port() const { return mnl_socket_get_portid(socket_.get()); }

  /// From now on receive() finds what is there, or nothing.
  void never_wait() const;

  /// Sends messages without waiting for an answer. Returns 0 or an errno.
  int send(Bytes messages) const;
  /// Sends one message and waits for its acknowledgment. Requires: nothing else arrives here, the
  /// message asks for an answer (NLM_F_ACK). Returns 0 or the errno that the kernel answered with.
  int request(const nlmsghdr& message) const;
  /// Receives one datagram into `buffer`, waiting for it. Returns its bytes; none: an error, or
  /// nothing there.
  Bytes receive(MutableBytes buffer) const;

 private:
  struct Closer {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };

  explicit NetlinkSocket(mnl_socket* socket) : socket_(socket) {}

  std::unique_ptr<mnl_socket, Closer> socket_;
};

/// Bytes that any single request of ours, and any answer to it, fits in.
inline constexpr size_t kNetlinkMessageBytes = 8192;

/// A buffer with a netfilter message begun in it.
class NetfilterMessage {
 public:
  /// `type`: subsystem and message, as NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG.
  NetfilterMessage(uint16_t type, uint16_t flags, uint8_t family, uint16_t resource);

  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(bytes_); }
  /// As it is now. Borrows: from this object.
  Bytes bytes() { return {bytes_, header()->nlmsg_len}; }

 private:
  alignas(nlmsghdr) char bytes_[kNetlinkMessageBytes];
};

/// The errno's name alone, for scripts.
Error errno_error(int error);

}  // namespace nflua::queue
