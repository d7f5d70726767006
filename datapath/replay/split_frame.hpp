// SPDX-License-Identifier: GPL-2.0-or-later
// What a link layer's parser says of a frame. Every parser is a pure function over bytes: it gets
// the whole frame and where its own header begins, and either finds the IP packet or says why not.
// Lengths in headers are believed only within the frame.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/bytes.hpp"

namespace nflua::replay {

enum class FrameKind : uint8_t {
  ip,         ///< IPv4 or IPv6, by what the link layer says
  not_ip,     ///< ARP, spanning tree, PPP's own protocols, …
  cut_off,    ///< too short for its link-layer header
  encrypted,  ///< 802.11 data under a key
  unknown,    ///< of a link type that we don't read
};

/// A 16-bit length in a link-layer header, which has to change with the packet's. None: at is 0.
struct LengthField {
  uint32_t at = 0;
  /// Offset of the first byte that it counts.
  uint32_t counts_from = 0;
  bool is_little_endian = false;
  /// Whether zeros fill up the last of the packet's 32-bit words.
  bool pads_packet = false;
};

/// The parts borrow from the frame that was split, and lie in it one behind the other.
struct SplitFrame {
  FrameKind kind = FrameKind::cut_off;
  /// Everything in front of the IP packet. Unless kind is ip: the whole frame.
  MutableBytes header;
  /// From the IP header on, link padding still behind it (wire.hpp: ip_packet). Unless ip: empty.
  MutableBytes packet;
  /// What the link layer says is no part of the packet.
  MutableBytes trailer;
  LengthField length;
  /// More packets are in the frame, in the trailer.
  bool has_more_packets = false;
};

inline SplitFrame without_packet(FrameKind kind, MutableBytes frame) {
  return {kind, frame, {}, {}, {}, false};
}

inline SplitFrame ip_at(MutableBytes frame, size_t at) {
  if (at > frame.size()) return without_packet(FrameKind::cut_off, frame);
  return {FrameKind::ip, frame.first(at), frame.sub(at), {}, {}, false};
}

}  // namespace nflua::replay
