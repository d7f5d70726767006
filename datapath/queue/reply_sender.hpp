// SPDX-License-Identifier: GPL-2.0-or-later
// Sends packets back to where a packet came from.
//
// Where the device has link-layer addresses: straight to the sender's, past all of this machine's
// rules, so that NAT and filters leave it alone. Elsewhere (loopback, tunnels): through the IP
// layer, with kOwnMark.
#pragma once

#include "datapath/queue/devices.hpp"
#include "datapath/queue/queued_packet.hpp"
#include "engine/error.hpp"
#include "support/file_descriptor.hpp"

namespace nflua::queue {

class ReplySender {
 public:
  ReplySender();

  /// `ip`: a whole IP packet. `to`: whom it answers; `device`: where that came in.
  /// Errors: the errno's name; EPERM without CAP_NET_RAW.
  Error send(Bytes ip, const QueuedPacket& to, const Device& device) const;

 private:
  int send_frame(Bytes ip, const QueuedPacket& to) const;
  int send_ip(Bytes ip) const;

  FileDescriptor link_;
  FileDescriptor ipv4_;
  FileDescriptor ipv6_;
};

}  // namespace nflua::queue
