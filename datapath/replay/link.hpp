// SPDX-License-Identifier: GPL-2.0-or-later
// Link-layer headers: where in a frame the IP packet starts. Pure functions over bytes.
// Source: the LINKTYPE_ registry (tcpdump.org/linktypes.html); IEEE 802.1Q (VLAN tags).
#pragma once

#include <stdint.h>

#include <string>

#include "datapath/replay/capture_reader.hpp"
#include "engine/bytes.hpp"
#include "support/outcome.hpp"

namespace nflua::replay {

enum class FrameKind : uint8_t {
  ip,       ///< IPv4 or IPv6, by what the link layer says
  not_ip,   ///< ARP, LLC, PPPoE, …
  cut_off,  ///< too short for its link-layer header
};

/// Both parts borrow from the frame that was split.
struct SplitFrame {
  FrameKind kind = FrameKind::cut_off;
  /// Link-layer header with its VLAN tags. Unless kind is ip: the whole frame.
  MutableBytes header;
  /// From the IP header on, link padding still behind it (wire.hpp: ip_packet). Unless ip: empty.
  MutableBytes packet;
};

/// Requires: check_link_type() succeeded.
SplitFrame split_frame(LinkType link_type, MutableBytes frame);

/// Makes the header of a packet into that of a packet sent back: Ethernet addresses change places,
/// cooked headers say "outgoing"; others don't know a direction. Requires: split_frame() gave it.
void reverse_header(LinkType link_type, MutableBytes header);

/// libpcap's DLT_ number: files have another one for raw IP.
int pcap_link_type(LinkType link_type);
/// For people: "EN10MB (1)".
std::string link_type_name(LinkType link_type);

/// Errors: a link type that split_frame() doesn't know; names it, `capture` and what is known.
Failure check_link_type(LinkType link_type, const std::string& capture);

}  // namespace nflua::replay
