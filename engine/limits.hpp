// SPDX-License-Identifier: GPL-2.0-or-later
// Every bound on what a script may use, with its unit. The userspace defaults; all that are in
// `Limits` can be set per state (command line: --max-NAME). Passing one is an error in the script,
// counted; nothing is capped in silence.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

namespace nflua {

struct Limits {
#define NFLUA_LIMIT(key, type, wire, parameter, value, ...) type key = value;
  NFLUA_STATE_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
};

/// Bounds of Limits::max_bytes: below, the libraries alone would not fit; above, LIST can't say it.
inline constexpr size_t kMinStateBytes = 32'768;
inline constexpr size_t kMaxStateBytes = 0xffff'ffff;

/// Bytes of a state's or a callback's name, its final zero included.
inline constexpr size_t kNameBytes = 64;

/// Delay of a timer. Units: milliseconds.
inline constexpr int64_t kMaxTimerMs = INT32_MAX;

/// Bytes of a chunk's name that is shown as a file's.
inline constexpr size_t kMaxChunkNameBytes = 254;

/// How often one packet may start its rule list again.
inline constexpr uint32_t kMaxRepeats = 64;

/// Bytes of one `tcpreply` message.
inline constexpr size_t kMaxReplyBytes = 65'536;

/// Bytes of TCP payload in a reply segment when the connection's MSS is unknown: what IPv6's
/// minimum MTU leaves (RFC 8200 section 5: 1280 - 40 - 20).
inline constexpr size_t kDefaultMss = 1220;

/// Bytes of TCP payload that a peer can't make a reply's segments smaller than, lest one packet
/// become thousands (Linux's tcp_min_snd_mss).
inline constexpr size_t kMinMss = 48;

/// Bytes of an IP packet: what its length field can say.
inline constexpr size_t kMaxPacketBytes = 65'535;

/// Options of an IPv6 hop-by-hop header that are looked at for the jumbo payload option, which
/// Linux puts first.
inline constexpr uint32_t kMaxJumboOptions = 16;

/// IPv6 extension headers of one packet. Real ones have three at most.
inline constexpr uint32_t kMaxExtensionHeaders = 32;

/// Tunnels around one packet, and what `inner` passes over in one of them.
inline constexpr uint32_t kMaxTunnels = 8;
inline constexpr uint32_t kMaxMplsLabels = 16;
inline constexpr uint32_t kMaxInnerTags = 8;

/// Bytes of one Lua string. What one VM instruction may have to copy, compare or hash.
inline constexpr size_t kMaxStringBytes = size_t{1} << 20;

/// Bytes of a chunk that a callback may `load` (the compiler is superlinear).
inline constexpr size_t kMaxCallbackChunkBytes = 16'384;

/// Bytes of a pattern of find, match, gmatch, gsub.
inline constexpr size_t kMaxPatternBytes = 512;

/// `level` of error(): each level walks the stack.
inline constexpr int kMaxErrorLevel = 8;

/// Pack formats that a state keeps compiled.
inline constexpr size_t kCachedFormats = 64;

/// Bytes of a pack format.
inline constexpr size_t kMaxFormatBytes = 1024;

/// Bytes of a line of log (print, error with traceback); longer ones end in "...".
inline constexpr size_t kMaxLogBytes = 4096;

}  // namespace nflua
