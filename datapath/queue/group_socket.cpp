// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/group_socket.hpp"

#include <linux/netlink.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "engine/limits.hpp"

namespace nflua::queue {

namespace {

/// Type and flags of a message with data: one that is complete.
constexpr uint16_t kDataMessage = 20;
constexpr uint16_t kRequestDone = 1 | 4;

/// What precedes the payload.
struct DataHeader {
  nlmsghdr netlink = {};
  uint32_t total_bytes = 0;
  char state[kNameBytes] = {};
};
static_assert(sizeof(DataHeader) == sizeof(nlmsghdr) + sizeof(uint32_t) + kNameBytes);

/// Bytes of a datagram must fit in here; a state's string has a mebibyte.
constexpr int kSendBufferBytes = 4 << 20;

}  // namespace

Outcome<GroupSocket> GroupSocket::open() {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_USERSOCK);
  if (!socket) return socket.failure();
  const int bytes = kSendBufferBytes;
  if (setsockopt(socket->fd(), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(socket->fd(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  return GroupSocket(std::move(*socket));
}

Result<size_t> GroupSocket::send(Text state, uint32_t port, uint32_t groups, Bytes payload) {
  ++sequence_;
  if (port != 0)
    if (const int error = send_to(state, port, 0, payload)) return errno_error(error);
  // The kernel takes one group at a time: the lowest bit.
  for (uint32_t left = groups; left != 0; left &= left - 1) {
    const int error = send_to(state, 0, left & -left, payload);
    // A multicast goes to the kernel's own port 0 as well, which nobody serves.
    if (error != 0 && error != ECONNREFUSED) return errno_error(error);
  }
  return payload.size();
}

int GroupSocket::send_to(Text state, uint32_t port, uint32_t group, Bytes payload) const {
  sockaddr_nl to = {};
  to.nl_family = AF_NETLINK;
  to.nl_pid = port;
  to.nl_groups = group;
  DataHeader header;
  header.netlink.nlmsg_len = uint32_t(sizeof header + payload.size());
  header.netlink.nlmsg_type = kDataMessage;
  header.netlink.nlmsg_flags = kRequestDone;
  header.netlink.nlmsg_seq = sequence_;
  header.netlink.nlmsg_pid = socket_.port();
  header.total_bytes = uint32_t(payload.size());
  std::memcpy(header.state, state.data(), state.size());
  iovec parts[] = {{&header, sizeof header},
                   {const_cast<uint8_t*>(payload.data()), payload.size()}};
  msghdr message = {};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = parts;
  message.msg_iovlen = std::size(parts);
  return sendmsg(socket_.fd(), &message, MSG_DONTWAIT) < 0 ? errno : 0;
}

}  // namespace nflua::queue
