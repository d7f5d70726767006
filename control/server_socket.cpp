// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/server_socket.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "support/errno_text.hpp"

namespace nflua::control {

namespace {

/// More than any message has: what is longer is seen to be.
constexpr size_t kBufferBytes = 2 * NFLUA_PAYLOAD_BYTES(8192);

/// Of what clients may have sent before they must wait. The kernel gives as much as it may.
constexpr int kReceiveBufferBytes = 4 << 20;

Failure cannot_bind(uint32_t port, int error) {
  if (error == EADDRINUSE)
    return Failure(fmt::format(
        "another program has port {:#x}, which must be the daemon's: is there a daemon already? "
        "`nflua stats` asks it; end it first, or choose another --port",
        port));
  return Failure(fmt::format("can't have port {:#x}: {}", port, errno_text(error)));
}

/// Nothing: it does not say.
std::optional<uid_t> user_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
    ucred credentials = {};
    std::memcpy(&credentials, CMSG_DATA(part), sizeof credentials);
    return credentials.uid;
  }
  return {};
}

}  // namespace

ServerSocket::ServerSocket(mnl_socket* socket) : socket_(socket), buffer_(kBufferBytes) {}

nflua::Outcome<ServerSocket> ServerSocket::open(uint32_t port) {
  ServerSocket socket(mnl_socket_open2(NETLINK_USERSOCK, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.socket_)
    return Failure(fmt::format("can't open a netlink socket: {}", errno_text(errno)));
  const int on = 1;
  if (setsockopt(socket.fd(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
    return Failure(fmt::format("can't ask who sends: {}", errno_text(errno)));
  const int bytes = kReceiveBufferBytes;
  if (setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (mnl_socket_bind(socket.socket_.get(), 0, static_cast<pid_t>(port)) != 0)
    return cannot_bind(port, errno);
  return socket;
}

ServerSocket::Arrived ServerSocket::receive() {
  sockaddr_nl from = {};
  iovec part = {buffer_.data(), buffer_.size()};
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(ucred))];
  msghdr message = {};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  do {
    got = ::recvmsg(fd(), &message, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return {errno, {}, 0, {}};
  return {0, ByteView(buffer_).first(static_cast<size_t>(got)), from.nl_pid, user_of(message)};
}

int ServerSocket::send(uint32_t port, ByteView message) const {
  sockaddr_nl to = {};
  to.nl_family = AF_NETLINK;
  to.nl_pid = port;
  const auto* address = reinterpret_cast<const sockaddr*>(&to);
  while (::sendto(fd(), message.data(), message.size(), 0, address, sizeof to) < 0)
    if (errno != EINTR) return errno;
  return 0;
}

}  // namespace nflua::control
