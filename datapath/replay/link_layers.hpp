// SPDX-License-Identifier: GPL-2.0-or-later
// The headers that wired link layers have in common, and that stand in one another: EtherTypes with
// VLAN tags, PPPoE and MPLS behind them, LLC, PPP, Frame Relay.
// Each function: `at` is where its own header begins.
#pragma once

#include "datapath/replay/split_frame.hpp"

namespace nflua::replay {

/// What is below is 802.3's length, and an LLC header follows.
inline constexpr uint16_t kLeastEtherType = 0x600;

/// `ether_type` was read, or a length in its place; what it names begins at `at`.
SplitFrame split_ether_type(MutableBytes frame, uint16_t ether_type, size_t at);

SplitFrame split_ethernet(MutableBytes frame, size_t at);

/// Source: IEEE 802.2; RFC 1042 (SNAP).
SplitFrame split_llc(MutableBytes frame, size_t at);

/// With or without HDLC's ff 03; the protocol in one or two bytes. Source: RFC 1661, 1662.
SplitFrame split_ppp(MutableBytes frame, size_t at);

/// PPP, or Cisco's HDLC by its first byte. Source: RFC 1662; RFC 1547, 4.3.1.
SplitFrame split_ppp_or_hdlc(MutableBytes frame, size_t at);
SplitFrame split_cisco_hdlc(MutableBytes frame, size_t at);

/// Source: RFC 2516.
SplitFrame split_pppoe(MutableBytes frame, size_t at);

/// IP behind the label stack. Source: RFC 3032, 4928.
SplitFrame split_mpls(MutableBytes frame, size_t at);

/// NLPID, SNAP and Cisco's EtherType. Source: RFC 2427.
SplitFrame split_frame_relay(MutableBytes frame, size_t at);

}  // namespace nflua::replay
