// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel says of one packet that waits in an NFQUEUE: an NFQNL_MSG_PACKET message, read.
// Source: linux/netfilter/nfnetlink_queue.h.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/bytes.hpp"
#include "engine/packet.hpp"

struct nlmsghdr;

namespace nflua::queue {

/// Borrows: all views, from the message.
struct QueuedPacket {
  /// By which the kernel knows it; one queue counts its own.
  uint32_t id = 0;
  /// NF_INET_FORWARD and so on.
  uint8_t hook = 0;
  /// EtherType of what follows the link-layer header.
  uint16_t protocol = 0;
  uint32_t mark = 0;
  uint32_t priority = 0;
  /// Interface indices; 0: none.
  uint32_t in_device = 0;
  uint32_t out_device = 0;
  /// The address of who sent it on the link. Empty: the device has no such addresses.
  Bytes source_link_address;
  /// From the first byte of the IP header on.
  Bytes payload;
  /// Bytes of the packet, which may be more than were copied.
  uint32_t wire_bytes = 0;
  /// The link-layer header as it came, which the bridge family delivers; else empty.
  Bytes link_header;
  /// The IEEE 802.1Q tag that is not in the packet's bytes: protocol and identifier. 0: none.
  uint16_t vlan_protocol = 0;
  uint16_t vlan_tag = 0;
  /// Nested attributes (CTA_…) of the connection, where the kernel tells it.
  Bytes connection;
  std::optional<Owner> owner;
  /// The transport checksum is still to be computed by hardware, or when GSO cuts the packet.
  bool checksum_is_pending = false;
  /// The packet is several, which are cut or were put together by the stack (GSO, GRO).
  bool is_bundle = false;

  bool is_truncated() const { return wire_bytes > payload.size(); }
};

/// False: the message is no packet, or one without an id, which nothing can be done for.
bool parse_queued_packet(const nlmsghdr& message, QueuedPacket& packet);

}  // namespace nflua::queue
