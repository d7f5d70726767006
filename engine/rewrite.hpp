// SPDX-License-Identifier: GPL-2.0-or-later
// New packets made from old ones: replies, and TCP payloads replaced. Pure functions over bytes, so
// that every datapath puts the same bytes on the wire.
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"
#include "engine/wire.hpp"

namespace nflua {

/// The packets that answer one packet, written one at a time into a buffer of the datapath's.
///   plan → for each i < packets(): size(i), write(i, buffer of that size)
/// Borrows: the packet and the message, until the last write.
class Reply {
 public:
  /// PSH|ACK segments from the packet's destination to its source, which the peer's TCP accepts in
  /// sequence. `mss` 0: unknown. `checksum_is_pending`: don't check the packet's TCP checksum.
  /// Errors: not TCP, no ACK, RST, a fragment, multicast, bad checksum, message too long, cut off.
  static Result<Reply> tcp(Bytes packet, Bytes message, size_t mss, bool checksum_is_pending);
  /// One datagram with addresses and ports swapped. Errors: alike.
  static Result<Reply> udp(Bytes packet, Bytes message, bool checksum_is_pending);

  size_t packets() const;
  size_t size(size_t index) const;
  /// Requires: out.size() >= size(index).
  void write(size_t index, MutableBytes out) const;
};

/// The size of `packet` once its TCP payload is `payload_bytes` long.
/// Errors: not TCP, a fragment, cut off, the result is longer than its length field can say.
Result<size_t> replaced_size(Bytes packet, size_t payload_bytes);

/// Writes `packet` with its TCP payload replaced, lengths and checksums set right.
/// Requires: replaced_size() succeeded, and out has that size; out does not overlap.
void replace_tcp_payload(Bytes packet, Bytes payload, MutableBytes out);

}  // namespace nflua
