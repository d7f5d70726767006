// SPDX-License-Identifier: GPL-2.0-or-later
// One NFQUEUE of which this process is the listener: bound, configured, read in bulk, answered in
// bulk.
//
// Invariants: closing it drops what the kernel still has in the queue (the kernel does that).
// Context: one thread.
#pragma once

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "datapath/queue/netlink_socket.hpp"
#include "datapath/queue/verdict_writer.hpp"

namespace nflua::queue {

/// The kernel shows a packet in one attribute, whose 16-bit length counts its header as well.
/// Source: nfqnl_set_mode in net/netfilter/nfnetlink_queue.c.
inline constexpr uint32_t kMaxSnapLength = UINT16_MAX - NLA_HDRLEN;

struct QueueOptions {
  /// Bytes of each packet that the kernel copies to us, kMaxSnapLength at most.
  uint32_t snap_length = kMaxSnapLength;
  /// Packets that may wait in the kernel for a verdict, held ones included: as many as a state may
  /// hold, and the kernel's own default. In a longer queue they leave the processor's caches.
  uint32_t max_length = 2048;
  /// What is over that, or finds the socket full, passes instead of being dropped.
  bool fail_open = true;

  friend bool operator==(const QueueOptions&, const QueueOptions&) = default;
};

/// What a socket saw besides packets.
struct SocketCounters {
  uint64_t receive_overflows = 0;  ///< ENOBUFS: packets were lost, which the kernel counts
  uint64_t refused_verdicts = 0;   ///< the kernel did not know the packet any more
  uint64_t failed_sends = 0;       ///< verdicts that could not be sent
};

class QueueSocket {
 public:
  /// Becomes the listener of queue `number`. Errors: taken, no permission, not in this kernel.
  static Outcome<QueueSocket> open(uint16_t number, const QueueOptions& options);

  int fd() const { return socket_.fd(); }
  uint16_t number() const { return number_; }
  /// Whether messages bear the connection (NFQA_CT), if there is one.
  bool tells_connections() const { return tells_connections_; }

  /// Takes what has arrived, at most a bulk of it, without waiting, and shows each message.
  /// Returns whether there may be more. Borrows: messages, while they are shown.
  bool receive(const std::function<void(const nlmsghdr&)>& show);
  /// Sends what the writer has, and empties it.
  void send(VerdictWriter& writer);

  const SocketCounters& counters() const { return counters_; }

 private:
  QueueSocket(NetlinkSocket socket, uint16_t number, uint32_t snap_length);
  int configure(const QueueOptions& options);
  /// Asks for a feature. Returns 0 or an errno.
  int set_flags(uint32_t flags);
  void enlarge_receive_buffer();
  void show_datagram(Bytes datagram, const std::function<void(const nlmsghdr&)>& show);

  NetlinkSocket socket_;
  uint16_t number_;
  bool tells_connections_ = false;
  SocketCounters counters_;
  std::vector<uint8_t> buffer_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> datagrams_;
};

}  // namespace nflua::queue
