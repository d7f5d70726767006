// SPDX-License-Identifier: GPL-2.0-or-later
// The frame check sequence that some taps keep at each frame's end: for frames that are made here,
// of which a reader of the capture expects one, too. Pure functions.
// Source: IEEE 802.3 clause 3.2.9 (4 bytes); RFC 1662 appendix C (2 bytes, PPP and HDLC).
#pragma once

#include <stdint.h>

#include "datapath/replay/capture_reader.hpp"
#include "engine/bytes.hpp"

namespace nflua::replay {

/// Of what a capture can name.
inline constexpr size_t kMaxFrameCheckBytes = 255;

/// What the capture says of it.
struct FrameCheck {
  size_t bytes = 0;
  /// In front of what it is about: a header of the capturing program.
  size_t starts_at = 0;
};

/// Of a frame whose record has these `options` and this link-layer `header`: what is told nearest
/// to the packet counts.
FrameCheck find_frame_check(const Interface& interface, Bytes options, Bytes header);

/// Writes the sequence of `bytes` bytes for a frame in two parts. Of a length that has no meaning
/// above, zeros: nothing better is known. Requires: bytes <= kMaxFrameCheckBytes, at `to`.
void make_frame_check(Bytes header, Bytes rest, size_t bytes, uint8_t* to);

}  // namespace nflua::replay
