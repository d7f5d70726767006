// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/netlink_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <cstring>

namespace nflua::queue {

Outcome<NetlinkSocket> NetlinkSocket::open(int bus, unsigned groups) {
  NetlinkSocket socket(mnl_socket_open2(bus, SOCK_CLOEXEC));
  if (socket.socket_ && mnl_socket_bind(socket.socket_.get(), groups, MNL_SOCKET_AUTOPID) == 0)
    return socket;
  return Failure(
      fmt::format("netlink: can't open a socket (protocol {}): {}", bus, errno_text(errno)));
}

void NetlinkSocket::never_wait() const { fcntl(fd(), F_SETFL, O_NONBLOCK); }

int NetlinkSocket::send(Bytes messages) const {
  return mnl_socket_sendto(socket_.get(), messages.data(), messages.size()) < 0 ? errno : 0;
}

int NetlinkSocket::request(const nlmsghdr& message) const {
  if (mnl_socket_sendto(socket_.get(), &message, message.nlmsg_len) < 0) return errno;
  alignas(nlmsghdr) uint8_t buffer[kNetlinkMessageBytes];
  const Bytes answer = receive({buffer, sizeof buffer});
  if (answer.empty()) return errno;
  const int result = mnl_cb_run(answer.data(), answer.size(), 0, port(), nullptr, nullptr);
  return result < 0 ? errno : 0;
}

Bytes NetlinkSocket::receive(MutableBytes buffer) const {
  const ssize_t size = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
  return size < 0 ? Bytes() : Bytes(buffer.data(), size_t(size));
}

NetfilterMessage::NetfilterMessage(uint16_t type, uint16_t flags, uint8_t family,
                                   uint16_t resource) {
  nlmsghdr* message = mnl_nlmsg_put_header(bytes_);
  message->nlmsg_type = type;
  message->nlmsg_flags = uint16_t(NLM_F_REQUEST | flags);
  auto* netfilter = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  netfilter->nfgen_family = family;
  netfilter->version = NFNETLINK_V0;
  netfilter->res_id = htons(resource);
}

Error errno_error(int error) {
  const char* name = strerrorname_np(error);
  return Error(name ? name : "EIO");
}

}  // namespace nflua::queue
