// SPDX-License-Identifier: GPL-2.0-or-later
// The Internet checksum, and where IP, TCP and UDP put it.
//
// Values are in host order: store them with store_be16(). A part that is good sums up to
// kGoodChecksum together with its own checksum.
// Source: RFC 1071; pseudo headers of RFC 9293 section 3.1 and RFC 8200 section 8.1.
#pragma once

#include "engine/bytes.hpp"
#include "engine/wire.hpp"

namespace nflua {

inline constexpr uint16_t kGoodChecksum = 0xffff;

/// The one's complement sum of big-endian 16-bit words, not complemented. An odd last byte counts
/// as if a zero followed. `initial`: the sum of what came before, an even number of bytes.
uint16_t checksum_sum(Bytes bytes, uint16_t initial = 0);

/// The sum of the pseudo header: what a sender leaves in the checksum field for the hardware.
uint16_t pseudo_header_sum(const Address& source, const Address& destination, IpProto protocol,
                           size_t transport_bytes);

/// What goes into the checksum field of a TCP or UDP segment. Never 0 for UDP, where that says
/// "none". Requires: the field is zero now.
uint16_t transport_checksum(const Address& source, const Address& destination, IpProto protocol,
                            Bytes segment);

/// Whether the checksum of a whole TCP or UDP segment fits. UDP's "none" is for the caller.
bool transport_checksum_is_good(const Address& source, const Address& destination, IpProto protocol,
                                Bytes segment);

/// What goes into the IPv4 header's checksum field. Requires: the field is zero now; `header` is
/// the header with its options.
uint16_t ipv4_header_checksum(Bytes header);
bool ipv4_header_checksum_is_good(Bytes header);

}  // namespace nflua
