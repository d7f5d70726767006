// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/wifi.hpp"

#include "datapath/replay/link_layers.hpp"

namespace nflua::replay {
namespace {

// The frame control field: version, type and subtype, then flags.
constexpr uint8_t kVersionAndType = 0x0f;
constexpr uint8_t kDataFrame = 0x08;
constexpr uint8_t kWithoutData = 0x40;  // of the subtypes
constexpr uint8_t kWithQos = 0x80;
constexpr uint8_t kToDistribution = 0x01;
constexpr uint8_t kFromDistribution = 0x02;
constexpr uint8_t kProtected = 0x40;
constexpr uint8_t kWithHtControl = 0x80;  // of frames with QoS

constexpr size_t kBasicBytes = 24;  // up to three addresses and the sequence number
constexpr size_t kSequenceAt = 22;
constexpr uint8_t kFragmentNumber = 0x0f;
constexpr size_t kAddressBytes = 6;
constexpr size_t kQosBytes = 2;
constexpr size_t kHtControlBytes = 4;
constexpr uint8_t kIsAggregate = 0x80;  // of the QoS field

SplitFrame not_ip(MutableBytes frame) { return without_packet(FrameKind::not_ip, frame); }
SplitFrame cut_off(MutableBytes frame) { return without_packet(FrameKind::cut_off, frame); }

/// Of the radiotap header: version, length, which fields are present.
constexpr size_t kRadiotapBytes = 8;
constexpr uint8_t kRadiotapPadsHeader = 0x20;  // of its flags

constexpr size_t padded_to_words(size_t bytes) { return (bytes + 3) & ~size_t{3}; }

/// An A-MSDU: Ethernet-like frames one behind the other, each at a multiple of four bytes from the
/// first. A record is judged once, by the first one that is IP; that there are others is told.
SplitFrame split_aggregate(MutableBytes frame, const size_t first) {
  constexpr size_t kSubframeHeaderBytes = 2 * kAddressBytes + 2;
  SplitFrame split = cut_off(frame);
  for (size_t at = first; Bytes(frame).has(at, kSubframeHeaderBytes);) {
    const size_t msdu = at + kSubframeHeaderBytes;
    const size_t end = msdu + Bytes(frame).be16(msdu - 2);
    const size_t next = at + padded_to_words(end - at);
    const SplitFrame found = split_llc(frame.first(end), msdu);
    if (found.kind == FrameKind::ip) {
      split = found;
      split.trailer = frame.sub(end);
      split.length = {uint32_t(msdu - 2), uint32_t(msdu), false, false};
      split.has_more_packets = at != first || Bytes(frame).has(next, kSubframeHeaderBytes);
      return split;
    }
    if (at == first) split.kind = found.kind;
    at = next;
  }
  return split;
}

}  // namespace

SplitFrame split_wifi(MutableBytes frame, size_t at, bool is_padded) {
  const Bytes bytes = frame;
  if (!bytes.has(at, 2)) return cut_off(frame);
  const uint8_t type = bytes[at];
  const uint8_t flags = bytes[at + 1];
  if ((type & kVersionAndType) != kDataFrame || type & kWithoutData) return not_ip(frame);
  if (flags & kProtected) return without_packet(FrameKind::encrypted, frame);
  if (!bytes.has(at, kBasicBytes)) return cut_off(frame);
  if (bytes[at + kSequenceAt] & kFragmentNumber) return not_ip(frame);

  constexpr uint8_t kBothWays = kToDistribution | kFromDistribution;
  size_t header_bytes = kBasicBytes;
  if ((flags & kBothWays) == kBothWays) header_bytes += kAddressBytes;
  bool is_aggregate = false;
  if (type & kWithQos) {
    if (!bytes.has(at + header_bytes, kQosBytes)) return cut_off(frame);
    is_aggregate = bytes[at + header_bytes] & kIsAggregate;
    header_bytes += kQosBytes;
    if (flags & kWithHtControl) header_bytes += kHtControlBytes;
  }
  if (is_padded) header_bytes = padded_to_words(header_bytes);
  return is_aggregate ? split_aggregate(frame, at + header_bytes)
                      : split_llc(frame, at + header_bytes);
}

uint8_t radiotap_flags(Bytes header) {
  constexpr uint8_t kHasTime = 0x01;
  constexpr uint8_t kHasFlags = 0x02;
  constexpr uint8_t kPresenceGoesOn = 0x80;  // in a word's last byte
  constexpr size_t kTimeBytes = 8;
  size_t fields = kRadiotapBytes;
  while (header.has(fields - 1, 1) && header[fields - 1] & kPresenceGoesOn && header.has(fields, 4))
    fields += 4;
  if (!header.has(0, kRadiotapBytes) || !(header[4] & kHasFlags)) return 0;
  if (header[4] & kHasTime)
    fields = (fields + kTimeBytes - 1) / kTimeBytes * kTimeBytes + kTimeBytes;
  return header.has(fields, 1) ? header[fields] : 0;
}

SplitFrame split_radiotap(MutableBytes frame, size_t at) {
  constexpr size_t kHeaderBytes = kRadiotapBytes;
  if (!Bytes(frame).has(at, kHeaderBytes)) return cut_off(frame);
  const size_t claimed = size_t{frame[at + 2]} | size_t{frame[at + 3]} << 8;
  if (frame[at] != 0 || claimed < kHeaderBytes) return not_ip(frame);
  if (!Bytes(frame).has(at, claimed)) return cut_off(frame);
  const uint8_t flags = radiotap_flags(Bytes(frame).sub(at, claimed));
  return split_wifi(frame, at + claimed, flags & kRadiotapPadsHeader);
}

SplitFrame split_avs(MutableBytes frame, size_t at) {
  constexpr size_t kHeaderBytes = 8;  // magic, length, of many more
  if (!Bytes(frame).has(at, kHeaderBytes)) return cut_off(frame);
  const size_t claimed = Bytes(frame).be32(at + 4);
  if (claimed < kHeaderBytes) return not_ip(frame);
  if (!Bytes(frame).has(at, claimed)) return cut_off(frame);
  return split_wifi(frame, at + claimed);
}

SplitFrame split_prism(MutableBytes frame, size_t at) {
  constexpr size_t kHeaderBytes = 144;
  constexpr uint32_t kAvsMagic = 0x8021'1000;
  constexpr uint32_t kAvsMagicMask = 0xffff'f000;
  if (!Bytes(frame).has(at, 4)) return cut_off(frame);
  if ((Bytes(frame).be32(at) & kAvsMagicMask) == kAvsMagic) return split_avs(frame, at);
  if (!Bytes(frame).has(at, kHeaderBytes)) return cut_off(frame);
  return split_wifi(frame, at + kHeaderBytes);
}

}  // namespace nflua::replay
