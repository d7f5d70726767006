// SPDX-License-Identifier: GPL-2.0-or-later
// The numbers of the pcap and pcapng file formats, shared by the readers and the writer.
// Source: draft-ietf-opsawg-pcap (pcap), draft-ietf-opsawg-pcapng (pcapng).
#pragma once

#include <stdint.h>
#include <string.h>

#include "engine/bytes.hpp"

namespace nflua::replay {

/// Bytes of one packet as captured: above it the length is taken as damage. What libpcap takes as
/// well (its MAXIMUM_SNAPLEN), so that it reads whatever we write.
inline constexpr uint32_t kMaxCapturedBytes = 262'144;

/// Bytes of one pcapng block that has to be in memory as a whole: a packet and its options.
inline constexpr uint32_t kMaxRecordBytes = 2 * kMaxCapturedBytes;

/// Bytes of one pcapng block that is copied to the output, and of all such blocks in front of the
/// first packet, which wait in memory until there is an output.
inline constexpr uint32_t kMaxCopiedBlockBytes = uint32_t{16} << 20;
inline constexpr size_t kMaxEarlyBytes = size_t{64} << 20;

/// Interfaces of one capture, over all its sections, and bytes of a name: they cost memory until
/// the end.
inline constexpr uint32_t kMaxInterfaces = 4096;
inline constexpr size_t kMaxInterfaceNameBytes = 255;

inline constexpr uint32_t kPcapMicroseconds = 0xa1b2c3d4;
inline constexpr uint32_t kPcapNanoseconds = 0xa1b23c4d;
/// Kuznetzov's patched format, whose record headers are longer.
inline constexpr uint32_t kPcapModified = 0xa1b2cd34;
inline constexpr size_t kPcapFileHeaderBytes = 24;
inline constexpr size_t kPcapRecordHeaderBytes = 16;
inline constexpr uint16_t kPcapMajor = 2;
inline constexpr uint16_t kPcapMinor = 4;

inline constexpr uint32_t kSectionHeaderBlock = 0x0a0d0d0a;  // the same in both byte orders
inline constexpr uint32_t kInterfaceBlock = 1;
inline constexpr uint32_t kObsoletePacketBlock = 2;
inline constexpr uint32_t kSimplePacketBlock = 3;
inline constexpr uint32_t kInterfaceStatisticsBlock = 5;
inline constexpr uint32_t kEnhancedPacketBlock = 6;
/// A custom block whose maker asks not to copy it into another file.
inline constexpr uint32_t kUncopiedCustomBlock = 0x40000bad;
inline constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
inline constexpr uint16_t kPcapngMajor = 1;
/// A block's type and length in front of its body, and the length again behind it.
inline constexpr size_t kBlockHeaderBytes = 8;
inline constexpr size_t kBlockTrailerBytes = 4;

/// An option's code and length in front of its value.
inline constexpr size_t kOptionHeaderBytes = 4;
inline constexpr uint16_t kOptionEnd = 0;
/// Of packets: over their bytes.
inline constexpr uint16_t kOptionPacketFlags = 2;
inline constexpr uint16_t kOptionHash = 3;
/// Custom options that ask not to be copied: text and bytes.
inline constexpr uint16_t kOptionUncopiedText = 19372;
inline constexpr uint16_t kOptionUncopiedBytes = 19373;
/// Of interfaces.
inline constexpr uint16_t kOptionInterfaceName = 2;
inline constexpr uint16_t kOptionTimeResolution = 9;
inline constexpr uint16_t kOptionFrameCheckBytes = 13;
inline constexpr uint16_t kOptionTimeOffset = 14;
/// if_tsresol: this bit set, the rest is a power of 2, else of 10.
inline constexpr uint8_t kResolutionIsBinary = 0x80;
inline constexpr uint8_t kMicrosecondResolution = 6;
inline constexpr uint8_t kNanosecondResolution = 9;

inline constexpr int64_t kNsPerSecond = 1'000'000'000;

/// Blocks and options are padded to 32 bits.
constexpr size_t padded(size_t bytes) { return (bytes + 3) & ~size_t{3}; }

/// Reads and writes the integers of a file in this or in the other byte order.
class ByteOrder {
 public:
  constexpr explicit ByteOrder(bool swapped = false) : swapped_(swapped) {}
  friend bool operator==(ByteOrder, ByteOrder) = default;

  // Requires: the width of the value is there.
  uint16_t u16(const uint8_t* at) const {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap16(value) : value;
  }
  uint32_t u32(const uint8_t* at) const {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  uint64_t u64(const uint8_t* at) const {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap64(value) : value;
  }

  void put_u16(uint8_t* at, uint16_t value) const {
    if (swapped_) value = __builtin_bswap16(value);
    memcpy(at, &value, sizeof value);
  }
  void put_u32(uint8_t* at, uint32_t value) const {
    if (swapped_) value = __builtin_bswap32(value);
    memcpy(at, &value, sizeof value);
  }
  void put_u64(uint8_t* at, uint64_t value) const {
    if (swapped_) value = __builtin_bswap64(value);
    memcpy(at, &value, sizeof value);
  }

 private:
  bool swapped_;
};

}  // namespace nflua::replay
