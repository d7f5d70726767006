// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/client_socket.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <random>

#include "support/errno_text.hpp"

namespace nflua::control {

namespace {

/// A port of this range is nobody's process id, which is what others bind first.
constexpr uint32_t kRandomPort = 0x80000000;
constexpr int kPortsTried = 16;
/// More than any message has: what is longer is seen to be.
constexpr size_t kBufferBytes = 2 * NFLUA_PAYLOAD_BYTES(8192);

sockaddr_nl address_of(uint32_t port) {
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_pid = port;
  return address;
}

Failure cannot_open(const Server& server, int error) {
  if (server.is_kernel() && error == EPROTONOSUPPORT)
    return Failure(
        fmt::format("found no kernel module xt_lua (netlink family {}), expected it to be loaded; "
                    "load it (modprobe xt_lua, or insmod xt_lua.ko), or use the daemon",
                    server.family));
  return Failure(
      fmt::format("can't open a netlink socket (family {}): {}", server.family, errno_text(error)));
}

Failure cannot_bind(uint32_t port, int error) {
  return Failure(fmt::format("can't have port {}: {}; expected one that no other socket has", port,
                             errno_text(error)));
}

Failure cannot_join(int error) {
  return Failure(fmt::format(
      "can't listen to multicast groups: {}; expected numbers of groups, 1 to 32, and the "
      "capability CAP_NET_ADMIN; try as root",
      errno_text(error)));
}

}  // namespace

ClientSocket::ClientSocket(mnl_socket* socket, const Server& server)
    : socket_(socket), server_(server), buffer_(kBufferBytes) {}

nflua::Outcome<ClientSocket> ClientSocket::open(const SocketOptions& options) {
  const Server& server = options.server;
  ClientSocket socket(mnl_socket_open2(server.family, SOCK_CLOEXEC | SOCK_NONBLOCK), server);
  if (!socket.socket_) return cannot_open(server, errno);
  socket.widen(options.receive_buffer_bytes);
  if (const int error = socket.bind(options.own_port)) return cannot_bind(options.own_port, error);
  if (const int error = socket.join(options.groups)) return cannot_join(error);
  return socket;
}

void ClientSocket::widen(int bytes) const {
  // Above net.core.rmem_max only with CAP_NET_ADMIN; without it, up to there.
  if (setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

// A process may open several, one after another, and a daemon remembers for a while which number
// follows on a port: so it is a random one, not the process id.
int ClientSocket::bind(uint32_t own_port) const {
  std::random_device random;
  for (int tried = 0; tried < kPortsTried; ++tried) {
    const uint32_t port = own_port ? own_port : kRandomPort | random();
    if (mnl_socket_bind(socket_.get(), 0, static_cast<pid_t>(port)) == 0) return 0;
    if (own_port || errno != EADDRINUSE) break;
  }
  return errno;
}

int ClientSocket::join(std::span<const uint32_t> groups) const {
  for (uint32_t group : groups)
    if (mnl_socket_setsockopt(socket_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
      return errno;
  return 0;
}

int ClientSocket::send(ByteView message) const {
  const sockaddr_nl to = address_of(server_.port);
  const auto* address = reinterpret_cast<const sockaddr*>(&to);
  while (::sendto(fd(), message.data(), message.size(), 0, address, sizeof to) < 0)
    if (errno != EINTR) return errno;
  return 0;
}

ClientSocket::Arrived ClientSocket::receive() {
  sockaddr_nl from = {};
  socklen_t size = sizeof from;
  auto* address = reinterpret_cast<sockaddr*>(&from);
  ssize_t got = 0;
  do {
    got = ::recvfrom(fd(), buffer_.data(), buffer_.size(), 0, address, &size);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return {errno, {}, 0, 0};
  return {0, ByteView(buffer_).first(static_cast<size_t>(got)), from.nl_pid, from.nl_groups};
}

}  // namespace nflua::control
