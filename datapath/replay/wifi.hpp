// SPDX-License-Identifier: GPL-2.0-or-later
// 802.11 frames, and the headers that capturing programs put in front of them.
// Each function: `at` is where its own header begins.
// Source: IEEE 802.11-2020, 9.2 and 9.3; radiotap.org; the LINKTYPE_ registry.
#pragma once

#include "datapath/replay/split_frame.hpp"

namespace nflua::replay {

/// `is_padded`: the capturing program filled the 802.11 header up to whole 32-bit words.
SplitFrame split_wifi(MutableBytes frame, size_t at, bool is_padded = false);
SplitFrame split_radiotap(MutableBytes frame, size_t at);
/// The flags field of a radiotap header, which `header` begins with; 0: it has none.
uint8_t radiotap_flags(Bytes header);
inline constexpr uint8_t kRadiotapHasFrameCheck = 0x10;

/// The Prism header, or AVS's in its place, as some drivers have it.
SplitFrame split_prism(MutableBytes frame, size_t at);
SplitFrame split_avs(MutableBytes frame, size_t at);

}  // namespace nflua::replay
