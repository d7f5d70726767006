// SPDX-License-Identifier: GPL-2.0-or-later
// IP addresses as text, both ways.
#pragma once

#include "engine/bytes.hpp"
#include "engine/error.hpp"
#include "engine/wire.hpp"

namespace nflua {

/// Bytes of the longest text of an address, with its final zero.
inline constexpr size_t kAddressTextBytes = 46;

/// Writes the address as inet_ntop() does (RFC 5952; IPv4-mapped and -compatible ones end in dotted
/// decimal), with a final zero. Returns the size without it.
size_t format_address(const Address& address, char (&out)[kAddressTextBytes]);

/// Reads what inet_pton() takes, of either family: no zone, no prefix length, no leading zeros in
/// dotted decimal. Errors: "invalid address".
Result<Address> parse_address(Text text);

}  // namespace nflua
