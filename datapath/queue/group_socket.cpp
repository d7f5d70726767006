// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/group_socket.hpp"

#include <linux/netlink.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "control/protocol.h"
#include "engine/limits.hpp"

namespace nflua::queue {

namespace {

/// What precedes the payload.
struct DataHeader {
  nlmsghdr netlink = {};
  nflua_data data = {};
};
static_assert(sizeof(DataHeader) == sizeof(nlmsghdr) + sizeof(nflua_data));
static_assert(NFLUA_NAME_BYTES == kNameBytes);

/// Bytes of a datagram must fit in here; a state's string has a mebibyte.
constexpr int kSendBufferBytes = 4 << 20;

void enlarge_send_buffer(int fd) {
  const int bytes = kSendBufferBytes;
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

}  // namespace

Outcome<GroupSocket> GroupSocket::open() {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_USERSOCK);
  if (!socket) return socket.failure();
  return GroupSocket(std::move(*socket));
}

GroupSocket::GroupSocket(NetlinkSocket socket) : GroupSocket(socket.fd(), socket.port()) {
  own_.emplace(std::move(socket));
}

GroupSocket::GroupSocket(int fd, uint32_t port) : fd_(fd), port_(port) { enlarge_send_buffer(fd); }

Result<size_t> GroupSocket::send(const DatagramOrigin& from, uint32_t port, uint32_t groups,
                                 Bytes payload) const {
  if (port != 0)
    if (const int error = send_to(from, port, 0, payload)) return errno_error(error);
  // The kernel takes one group at a time: the lowest bit.
  for (uint32_t left = groups; left != 0; left &= left - 1) {
    const int error = send_to(from, 0, left & -left, payload);
    // A multicast goes to the kernel's own port 0 as well, which nobody serves.
    if (error != 0 && error != ECONNREFUSED) return errno_error(error);
  }
  return payload.size();
}

int GroupSocket::send_to(const DatagramOrigin& from, uint32_t port, uint32_t group,
                         Bytes payload) const {
  sockaddr_nl to = {};
  to.nl_family = AF_NETLINK;
  to.nl_pid = port;
  to.nl_groups = group;
  DataHeader header;
  header.netlink.nlmsg_len = uint32_t(sizeof header + payload.size());
  header.netlink.nlmsg_type = NFLUA_DATA;
  header.netlink.nlmsg_flags = NFLUA_REQUEST | NFLUA_DONE;
  header.netlink.nlmsg_seq = from.number;
  header.netlink.nlmsg_pid = port_;
  header.data.total = uint32_t(payload.size());
  std::memcpy(header.data.name, from.state.data(), from.state.size());
  iovec parts[] = {{&header, sizeof header},
                   {const_cast<uint8_t*>(payload.data()), payload.size()}};
  msghdr message = {};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = parts;
  message.msg_iovlen = std::size(parts);
  return sendmsg(fd_, &message, MSG_DONTWAIT) < 0 ? errno : 0;
}

}  // namespace nflua::queue
