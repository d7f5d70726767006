// SPDX-License-Identifier: GPL-2.0-or-later
// Packets inside packets: IP in IP, GRE, VXLAN, Geneve and MPLS, one in another. Pure functions
// over bytes.
// Source: RFC 2003, 2473, 4213 (IP in IP), 2784, 2890 (GRE), 7348 (VXLAN), 8926 (Geneve), 3032,
// 4023, 7510 (MPLS, in IP, GRE and UDP).
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"
#include "engine/wire.hpp"

namespace nflua {

struct InnerPacket {
  /// Around it. 0: nothing is inside, and the rest means nothing.
  uint32_t tunnels = 0;
  Tuple tuple;
  /// What its transport header carries. Units: bytes from the first one of the outer packet.
  Payload payload;
};

/// The innermost packet. A UDP datagram counts as a tunnel by its destination port and what the
/// tunnel's header has to be; what is not IP inside, is no packet.
/// Errors: as parse_tuple() and find_payload(), of any of the packets; a tunnel's header is cut
/// off; more than kMaxTunnels.
Result<InnerPacket> find_inner(Bytes packet);

}  // namespace nflua
