// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/frame_check.hpp"

#include <zlib.h>

#include "datapath/replay/capture_format.hpp"
#include "datapath/replay/link.hpp"

namespace nflua::replay {
namespace {

// crc32_z() takes a null pointer as the wish to start over.
uint32_t add_to_crc32(uint32_t crc, Bytes bytes) {
  return bytes.empty() ? crc : uint32_t(crc32_z(crc, bytes.data(), bytes.size()));
}

uint16_t add_to_crc16(uint16_t crc, Bytes bytes) {
  constexpr uint16_t kPolynomial = 0x8408;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = uint16_t(crc >> 1 ^ (crc & 1 ? kPolynomial : 0));
  }
  return crc;
}

/// Of pcapng's epb_flags; 0: they don't tell.
size_t told_by_options(ByteOrder order, Bytes options) {
  constexpr int kLengthShift = 5;
  constexpr uint32_t kLengthMask = 0xf;
  while (options.has(0, kOptionHeaderBytes)) {
    const uint16_t code = order.u16(options.data());
    const size_t length = order.u16(options.data() + 2);
    if (code == kOptionEnd || !options.has(kOptionHeaderBytes, length)) break;
    if (code == kOptionPacketFlags && length == sizeof(uint32_t))
      return order.u32(options.data() + kOptionHeaderBytes) >> kLengthShift & kLengthMask;
    options = options.sub(kOptionHeaderBytes + padded(length));
  }
  return 0;
}

}  // namespace

FrameCheck find_frame_check(const Interface& interface, Bytes options, Bytes header) {
  constexpr size_t kWifiBytes = 4;
  const TapHeader tap = tap_header(interface.link_type, header);
  if (const size_t told = told_by_options(interface.order, options)) return {told, tap.bytes};
  return {tap.tells_frame_check ? kWifiBytes : interface.frame_check_bytes, tap.bytes};
}

void make_frame_check(Bytes header, Bytes rest, size_t bytes, uint8_t* to) {
  uint32_t check = 0;
  if (bytes == sizeof(uint32_t)) {
    check = add_to_crc32(add_to_crc32(0, header), rest);
  } else if (bytes == sizeof(uint16_t)) {
    constexpr uint16_t kStart = 0xffff;
    check = uint16_t(~add_to_crc16(add_to_crc16(kStart, header), rest));
  }
  for (size_t i = 0; i < bytes; ++i) to[i] = i < sizeof check ? uint8_t(check >> 8 * i) : 0;
}

}  // namespace nflua::replay
