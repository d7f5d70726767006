// SPDX-License-Identifier: GPL-2.0-or-later
// One line about a packet, for people: tostring(pkt), events, logs.
#pragma once

#include "engine/bytes.hpp"

namespace nflua {

/// Bytes that any line fits in: two addresses with ports, names, numbers.
inline constexpr size_t kPacketLineBytes = 160;

/// "ipv4 tcp 10.0.0.1:40000 > 10.0.0.2:443, 60 bytes", as far as its headers can be read.
/// Borrows: from `buffer`.
Text describe_packet(Bytes packet, char (&buffer)[kPacketLineBytes]);

}  // namespace nflua
