// SPDX-License-Identifier: GPL-2.0-or-later
// Packets for tests, right in every length and checksum unless a test asks for a lie.
//
//   ipv4("10.0.0.1", "10.0.0.2").tcp(1234, 80).flags(TcpFlag::ack).payload("GET").build()
//   ipv6().extension(IpProto::destination_options).udp(1, 53).payload(bytes).build()
//   ipv4().tcp(1, 2).lie16(2, 9999).build()        // an IPv4 total length of 9999
//   ethernet(ipv4().udp(1, 2).build(), {7})        // in VLAN 7
//
// The checksums come from naive_sum(), which shares nothing with engine/checksum.cpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/bytes.hpp"
#include "engine/wire.hpp"

namespace nflua::test {

using Buffer = std::vector<uint8_t>;

inline Bytes view(const Buffer& buffer) { return {buffer.data(), buffer.size()}; }
inline Bytes view(std::string_view text) { return {text.data(), text.size()}; }
inline std::string text_of(Bytes bytes) { return {bytes.chars(), bytes.size()}; }
Buffer operator+(Buffer a, const Buffer& b);

/// Requires: an address that inet_pton() takes.
Address address(const std::string& text);

/// The one's complement sum, word by word.
uint16_t naive_sum(Bytes bytes, uint32_t initial = 0);
/// The same over the pseudo header and the segment.
uint16_t naive_transport_sum(const Address& source, const Address& destination, IpProto protocol,
                             Bytes segment);

class PacketBuilder {
 public:
  PacketBuilder(Family family, const std::string& source, const std::string& destination);

  PacketBuilder& tcp(uint16_t source_port, uint16_t destination_port);
  PacketBuilder& udp(uint16_t source_port, uint16_t destination_port);
  /// An ICMP or ICMPv6 echo request.
  PacketBuilder& icmp_echo(uint16_t id = 1, uint16_t sequence = 1);
  /// Any protocol, without a header of its own.
  PacketBuilder& protocol(IpProto protocol);

  PacketBuilder& payload(std::string_view bytes);
  PacketBuilder& ttl(uint8_t ttl);
  /// IPv4 or TCP options, padded with zeros to whole words. Requires: 40 bytes at most.
  PacketBuilder& ip_options(Buffer options);
  PacketBuilder& tcp_options(Buffer options);
  /// An IPv6 extension header; `body`: what follows its first two bytes, padded as its type needs.
  PacketBuilder& extension(IpProto type, Buffer body = {});
  /// A routing header of that type and segments left, without addresses.
  PacketBuilder& routing(uint8_t segments_left);
  /// Units: bytes, a multiple of 8. IPv6: adds a fragment extension header.
  PacketBuilder& fragment(uint32_t offset, bool more);
  /// TCP fields.
  PacketBuilder& sequence(uint32_t sequence, uint32_t acknowledgment = 0);
  template <class... Flags>
  PacketBuilder& flags(Flags... flags) {
    tcp_flags_ = (0 | ... | uint8_t(flags));
    return *this;
  }
  /// TCP or UDP: leave in the checksum field what Linux leaves for the hardware.
  PacketBuilder& pending_checksum();

  /// Writes over the finished packet, at an offset from the IP header; nothing is recomputed.
  PacketBuilder& lie8(size_t offset, uint8_t value);
  PacketBuilder& lie16(size_t offset, uint16_t value);

  Buffer build() const;

 private:
  Buffer transport() const;
  Buffer tcp_header() const;
  Buffer udp_header() const;
  Buffer icmp_header() const;
  Buffer ipv4_header(size_t transport_bytes) const;
  Buffer ipv6_header(size_t transport_bytes) const;
  void set_checksum(Buffer& segment, size_t at) const;

  Family family_;
  Address source_;
  Address destination_;
  IpProto protocol_ = IpProto::no_next_header;
  bool bare_ = true;
  uint8_t ttl_ = 64;
  uint16_t fragment_word_ = 0;
  Buffer ip_options_;
  std::vector<std::pair<IpProto, Buffer>> extensions_;
  uint16_t source_port_ = 0;
  uint16_t destination_port_ = 0;
  uint32_t sequence_ = 1000;
  uint32_t acknowledgment_ = 2000;
  uint8_t tcp_flags_ = uint8_t(TcpFlag::ack);
  Buffer tcp_options_;
  bool pending_checksum_ = false;
  Buffer payload_;
  std::vector<std::pair<size_t, uint8_t>> lies_;
};

PacketBuilder ipv4(const std::string& source = "10.0.0.1",
                   const std::string& destination = "10.0.0.2");
PacketBuilder ipv6(const std::string& source = "2001:db8::1",
                   const std::string& destination = "2001:db8::2");

/// The packet in an Ethernet frame, inside the VLANs named (outermost first), not padded.
Buffer ethernet(const Buffer& packet, const std::vector<uint16_t>& vlans = {});

}  // namespace nflua::test
