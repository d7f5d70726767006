// SPDX-License-Identifier: GPL-2.0-or-later
// Packets that a datapath makes: engine/rewrite.hpp's, in a buffer that grows as it must.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/rewrite.hpp"

namespace nflua {

/// A packet of a reply. Borrows: from `buffer`, whose contents go.
Bytes make_reply_packet(const Reply& reply, size_t index, std::vector<uint8_t>& buffer);

/// `ip` with its TCP payload replaced. Borrows: from `buffer`, whose contents go, and which does
/// not hold `ip` or `payload`. Errors: as replaced_size().
Result<Bytes> make_replaced_packet(const SeenPacket& ip, Bytes payload,
                                   std::vector<uint8_t>& buffer);

}  // namespace nflua
