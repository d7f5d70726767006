// SPDX-License-Identifier: GPL-2.0-or-later
// Link types: where in a frame of each the IP packet starts. Pure functions over bytes.
// Source: the LINKTYPE_ registry (tcpdump.org/linktypes.html).
#pragma once

#include <stdint.h>

#include <string>
#include <string_view>

#include "datapath/replay/capture_reader.hpp"
#include "datapath/replay/split_frame.hpp"

namespace nflua::replay {

/// FrameKind::unknown, whatever the frame, for a link type that we don't read.
SplitFrame split_frame(LinkType link_type, MutableBytes frame);

/// Whether split_frame() knows it.
bool reads_link_type(LinkType link_type);

/// Makes the header of a packet into that of a packet sent back: Ethernet addresses change places,
/// cooked headers say "outgoing"; others stay as they are. Requires: split_frame() gave it.
void reverse_header(LinkType link_type, MutableBytes header);

/// Makes the header say that a packet of `packet_bytes` follows. Requires: `field` and `header` are
/// of one split_frame().
void set_length(const LengthField& field, MutableBytes header, size_t packet_bytes);

/// LINKTYPE_NFLOG, whose records tell more than a header does (nflog.hpp).
inline constexpr LinkType kNflog{239};

/// What a capturing program put in front of the frame itself.
struct TapHeader {
  size_t bytes = 0;
  /// Says that the frame ends with its frame check sequence, 4 bytes.
  bool tells_frame_check = false;
};
TapHeader tap_header(LinkType link_type, Bytes header);

/// libpcap's name: "EN10MB". Empty: it has none.
std::string_view link_type_pcap_name(LinkType link_type);
/// For people: "EN10MB (1)", or the number.
std::string link_type_name(LinkType link_type);

/// What a user reads and can do where no packet of a capture is of a link type that we read.
/// `found`: what it has instead.
std::string no_readable_link_type(const std::string& capture, const std::string& found);

}  // namespace nflua::replay
