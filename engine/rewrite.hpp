// SPDX-License-Identifier: GPL-2.0-or-later
// New packets made from old ones: replies, and TCP payloads replaced. Pure functions over bytes, so
// that every datapath puts the same bytes on the wire.
//
// What is written has no more than kMaxPacketBytes, right lengths and right checksums (UDP's is
// always there). Packets with an IPv6 routing header that has segments left are refused: who they
// are for isn't in their destination address.
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"
#include "engine/wire.hpp"

namespace nflua {

/// The packets that answer one packet, written one at a time into a buffer of the datapath's.
///   plan → for each i < packets(): size(i), write(i, buffer of that size)
/// They have no IP options or extension headers and no TCP options; TTL 64; IPv4: id 0, DF.
/// Borrows: the message, until the last write. The packet is read only while planning.
class Reply {
 public:
  constexpr Reply() = default;

  /// PSH|ACK segments from the packet's destination to its source, which the peer's TCP accepts in
  /// sequence. `mss` 0: unknown. `checksum_is_pending`: don't check the packet's TCP checksum; one
  /// that holds what Linux leaves for the hardware is good anyway, as is that of a packet whose IP
  /// length is 0: such a bundle of segments has none yet.
  /// A packet that is cut off behind its headers is refused as its checksum can't be checked,
  /// unless that is pending.
  /// Errors: not TCP, no ACK, RST, a fragment, multicast, bad checksum, message empty or longer
  /// than kMaxReplyBytes, cut off.
  static Result<Reply> tcp(const SeenPacket& packet, Bytes message, size_t mss,
                           bool checksum_is_pending);
  /// One datagram, which may be empty, with addresses and ports swapped. Errors: alike; message too
  /// long for one packet.
  static Result<Reply> udp(const SeenPacket& packet, Bytes message, bool checksum_is_pending);

  /// Who the reply seems to come from, and who it is for.
  const Tuple& tuple() const { return tuple_; }
  /// The same reply between other addresses, where NAT lies between packet and sender.
  /// Requires: family and protocol stay.
  void readdress(const Tuple& tuple) { tuple_ = tuple; }

  size_t packets() const;
  /// Units: bytes of the IP packet.
  size_t size(size_t index) const;
  /// Requires: out.size() >= size(index).
  void write(size_t index, MutableBytes out) const;

 private:
  Bytes part(size_t index) const;
  size_t header_bytes() const;
  void write_tcp(size_t index, MutableBytes segment) const;
  void write_udp(MutableBytes segment) const;

  /// The reply's own: its source is the packet's destination.
  Tuple tuple_;
  uint32_t sequence_ = 0;
  uint32_t acknowledgment_ = 0;
  Bytes message_;
  /// Bytes of the message in each packet but the last.
  size_t part_bytes_ = 1;
};

/// The size of `packet` once its TCP payload is `payload_bytes` long.
/// Errors: not TCP, a fragment, cut off, the result is longer than kMaxPacketBytes.
Result<size_t> replaced_size(const SeenPacket& packet, size_t payload_bytes);

/// Writes `packet` with its TCP payload replaced, lengths and checksums set right. Options and
/// extension headers stay, also what they may say about the old payload (an authentication header);
/// but an IPv6 jumbo payload option, which must not stand beside a length, becomes padding.
/// Requires: replaced_size() succeeded, and out has that size; out does not overlap.
void replace_tcp_payload(Bytes packet, Bytes payload, MutableBytes out);

}  // namespace nflua
