// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/checksum.hpp"

namespace nflua {
namespace {

/// Adds the carries back in until the sum fits its 16 bits.
uint16_t fold(uint64_t sum) {
  sum = (sum >> 32) + (sum & 0xffff'ffff);
  while (sum >> 16) sum = (sum >> 16) + (sum & 0xffff);
  return uint16_t(sum);
}

/// From the machine's byte order to big endian or back: the sum does not mind the order of the
/// words it was made of (RFC 1071 section 2).
uint16_t swap_order(uint16_t native) {
  uint8_t bytes[2];
  memcpy(bytes, &native, 2);
  return load_be16(bytes);
}

}  // namespace

uint16_t checksum_sum(Bytes bytes, uint16_t initial) {
  // 32-bit words into 64 bits: no carry is lost below 2^34 bytes.
  uint64_t sum = swap_order(initial);
  const uint8_t* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 4; at += 4, left -= 4) {
    uint32_t word;
    memcpy(&word, at, 4);
    sum += word;
  }
  if (left > 0) {
    uint32_t word = 0;
    memcpy(&word, at, left);
    sum += word;
  }
  return swap_order(fold(sum));
}

uint16_t pseudo_header_sum(const Address& source, const Address& destination, IpProto protocol,
                           size_t transport_bytes) {
  uint8_t tail[8];
  store_be32(tail, uint32_t(transport_bytes));
  store_be32(tail + 4, uint8_t(protocol));
  uint16_t sum = checksum_sum({source.bytes, source.size()});
  sum = checksum_sum({destination.bytes, destination.size()}, sum);
  return checksum_sum({tail, sizeof tail}, sum);
}

uint16_t transport_checksum(const Address& source, const Address& destination, IpProto protocol,
                            Bytes segment) {
  const uint16_t pseudo = pseudo_header_sum(source, destination, protocol, segment.size());
  const uint16_t checksum = uint16_t(~checksum_sum(segment, pseudo));
  return protocol == IpProto::udp && checksum == 0 ? 0xffff : checksum;
}

bool transport_checksum_is_good(const Address& source, const Address& destination, IpProto protocol,
                                Bytes segment) {
  const uint16_t pseudo = pseudo_header_sum(source, destination, protocol, segment.size());
  return checksum_sum(segment, pseudo) == kGoodChecksum;
}

uint16_t ipv4_header_checksum(Bytes header) { return uint16_t(~checksum_sum(header)); }

bool ipv4_header_checksum_is_good(Bytes header) { return checksum_sum(header) == kGoodChecksum; }

}  // namespace nflua
