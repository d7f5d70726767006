// SPDX-License-Identifier: GPL-2.0-or-later
// What all contestants look for. filters/*.lua, tap.lua and plain.py bear the same numbers, and
// bench/run checks that they count the same packets.
#pragma once

#include <stdint.h>

#include <array>
#include <string_view>

/// Six values of a packet's IPv4 and TCP headers.
#define NFLUA_BENCH_FORMAT ">B xxxxx xxx B xx I4 I4 I2 I2"

namespace nflua::bench {

/// The ports 80, 113 … 443 …: spread, so that a look-up can't be a comparison of ranges.
inline constexpr uint16_t kFirstBusyPort = 80;
inline constexpr uint16_t kBusyPortStep = 33;
inline constexpr uint16_t kBusyPorts = 100;

inline constexpr std::string_view kNeedle = "\r\nHost: ";

/// What the benches of single functions unpack: a packet of a size in the middle.
inline constexpr std::array<uint8_t, 576> kSamplePacket = {
    0x45, 0, 0x02, 0x40, 0, 0, 0,  0, 64, 6, 0, 0, 10, 0, 0, 1,    192,
    168,  0, 1,    0x80, 0, 0, 80, 0, 0,  0, 1, 0, 0,  0, 1, 0x50, 0x10};

}  // namespace nflua::bench
