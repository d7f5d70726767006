// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queue_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include <cerrno>

#include "datapath/queue/kernel_counters.hpp"

namespace nflua::queue {

namespace {

constexpr uint16_t kConfigMessage = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG;

/// Datagrams of one recvmmsg(); more of them made no difference when measured.
constexpr size_t kBulk = 64;
/// Bytes of a message besides the packet's: attributes, a connection among them.
constexpr size_t kAttributeBytes = 2048;
/// Buffers a power of two apart would share a few lines of the processor's cache.
constexpr size_t kCacheSkewBytes = 192;
/// Bytes. Little is lost below it; the kernel takes it only as packets come.
constexpr int kReceiveBufferBytes = 64 << 20;

Failure open_failure(uint16_t number, int error) {
  if (const std::optional<uint32_t> port = listener_of(number))
    return Failure(fmt::format(
        "queue {}: another process serves it (netlink port {}, often its pid); expected "
        "a free queue; choose another number, or end that process",
        number, *port));
  if (error == EPERM)
    return Failure(
        fmt::format("queue {}: {}; expected root or CAP_NET_ADMIN in this network "
                    "namespace; use sudo, or try inside `unshare -Urn`",
                    number, errno_text(error)));
  return Failure(fmt::format("queue {}: {}; expected a kernel with NFQUEUE (nfnetlink_queue)",
                             number, errno_text(error)));
}

}  // namespace

QueueSocket::QueueSocket(NetlinkSocket socket, uint16_t number, uint32_t snap_length)
    : socket_(std::move(socket)), number_(number), parts_(kBulk), datagrams_(kBulk) {
  const size_t size = MNL_ALIGN(snap_length + kAttributeBytes);  // each message begins aligned
  const size_t stride = size + kCacheSkewBytes;
  buffer_.resize(kBulk * stride);
  for (size_t i = 0; i < kBulk; ++i) {
    parts_[i] = {buffer_.data() + i * stride, size};
    datagrams_[i].msg_hdr.msg_iov = &parts_[i];
    datagrams_[i].msg_hdr.msg_iovlen = 1;
  }
}

Outcome<QueueSocket> QueueSocket::open(uint16_t number, const QueueOptions& options) {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return socket.failure();
  QueueSocket queue(std::move(*socket), number, options.snap_length);
  if (const int error = queue.configure(options)) return open_failure(number, error);
  return queue;
}

int QueueSocket::configure(const QueueOptions& options) {
  NetfilterMessage message(kConfigMessage, NLM_F_ACK, AF_UNSPEC, number_);
  const nfqnl_msg_config_cmd command{NFQNL_CFG_CMD_BIND, 0, 0};
  mnl_attr_put(message.header(), NFQA_CFG_CMD, sizeof command, &command);
  const nfqnl_msg_config_params params{htonl(options.snap_length), NFQNL_COPY_PACKET};
  mnl_attr_put(message.header(), NFQA_CFG_PARAMS, sizeof params, &params);
  mnl_attr_put_u32(message.header(), NFQA_CFG_QUEUE_MAXLEN, htonl(options.max_length));
  if (const int error = socket_.request(*message.header())) return error;

  enlarge_receive_buffer();
  // One at a time: a kernel that lacks one refuses all of a message.
  if (options.fail_open)
    if (const int error = set_flags(NFQA_CFG_F_FAIL_OPEN)) return error;
  if (const int error = set_flags(NFQA_CFG_F_GSO)) return error;
  if (const int error = set_flags(NFQA_CFG_F_UID_GID)) return error;
  tells_connections_ = set_flags(NFQA_CFG_F_CONNTRACK) == 0;
  return 0;
}

int QueueSocket::set_flags(uint32_t flags) {
  NetfilterMessage message(kConfigMessage, NLM_F_ACK, AF_UNSPEC, number_);
  mnl_attr_put_u32(message.header(), NFQA_CFG_FLAGS, htonl(flags));
  mnl_attr_put_u32(message.header(), NFQA_CFG_MASK, htonl(flags));
  return socket_.request(*message.header());
}

// The unprivileged get what net.core.rmem_max allows.
void QueueSocket::enlarge_receive_buffer() {
  const int bytes = kReceiveBufferBytes;
  if (setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool QueueSocket::receive(const std::function<void(const nlmsghdr&)>& show) {
  const int received = recvmmsg(fd(), datagrams_.data(), kBulk, MSG_DONTWAIT, nullptr);
  if (received < 0) {
    if (errno != ENOBUFS) return false;
    ++counters_.receive_overflows;
    return true;
  }
  for (int i = 0; i < received; ++i)
    show_datagram(
        {static_cast<const uint8_t*>(parts_[size_t(i)].iov_base), datagrams_[size_t(i)].msg_len},
        show);
  return received == int(kBulk);
}

void QueueSocket::show_datagram(Bytes datagram, const std::function<void(const nlmsghdr&)>& show) {
  auto* message = reinterpret_cast<const nlmsghdr*>(datagram.data());
  int left = int(datagram.size());
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
    // Verdicts ask for no answer, so that the only answers are refusals.
    if (message->nlmsg_type == NLMSG_ERROR)
      ++counters_.refused_verdicts;
    else
      show(*message);
  }
}

void QueueSocket::send(VerdictWriter& writer) {
  const Bytes messages = writer.messages();
  if (messages.empty()) return;
  if (socket_.send(messages) != 0) ++counters_.failed_sends;
  writer.clear();
}

}  // namespace nflua::queue
