// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/packets.hpp"

#include <arpa/inet.h>

#include <stdexcept>

namespace nflua::test {
namespace {

void put8(Buffer& out, uint8_t value) { out.push_back(value); }
void put16(Buffer& out, uint16_t value) {
  put8(out, uint8_t(value >> 8));
  put8(out, uint8_t(value));
}
void put32(Buffer& out, uint32_t value) {
  put16(out, uint16_t(value >> 16));
  put16(out, uint16_t(value));
}
void put(Buffer& out, const Address& address) {
  out.insert(out.end(), address.bytes, address.bytes + address.size());
}

void pad(Buffer& out, size_t unit) {
  while (out.size() % unit != 0) out.push_back(0);
}

uint16_t complement(uint16_t sum) { return uint16_t(~sum); }

}  // namespace

Buffer operator+(Buffer a, const Buffer& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Address address(const std::string& text) {
  Address result;
  if (inet_pton(AF_INET, text.c_str(), result.bytes) == 1) return result;
  result.family = Family::ipv6;
  if (inet_pton(AF_INET6, text.c_str(), result.bytes) == 1) return result;
  throw std::invalid_argument("not an address: " + text);
}

uint16_t naive_sum(Bytes bytes, uint32_t initial) {
  uint32_t sum = initial;
  for (size_t i = 0; i < bytes.size(); i++) {
    sum += i % 2 == 0 ? uint32_t{bytes[i]} << 8 : bytes[i];
    if (sum > 0xffff) sum -= 0xffff;
  }
  return uint16_t(sum);
}

uint16_t naive_transport_sum(const Address& source, const Address& destination, IpProto protocol,
                             Bytes segment) {
  Buffer pseudo;
  put(pseudo, source);
  put(pseudo, destination);
  put32(pseudo, uint32_t(segment.size()));
  put32(pseudo, uint8_t(protocol));
  return naive_sum(segment, naive_sum(view(pseudo)));
}

PacketBuilder::PacketBuilder(Family family, const std::string& source,
                             const std::string& destination)
    : family_(family), source_(address(source)), destination_(address(destination)) {}

PacketBuilder& PacketBuilder::tcp(uint16_t source_port, uint16_t destination_port) {
  source_port_ = source_port;
  destination_port_ = destination_port;
  protocol_ = IpProto::tcp;
  bare_ = false;
  return *this;
}

PacketBuilder& PacketBuilder::udp(uint16_t source_port, uint16_t destination_port) {
  tcp(source_port, destination_port);
  protocol_ = IpProto::udp;
  return *this;
}

PacketBuilder& PacketBuilder::icmp_echo(uint16_t id, uint16_t sequence) {
  tcp(id, sequence);
  protocol_ = family_ == Family::ipv4 ? IpProto::icmp : IpProto::icmpv6;
  return *this;
}

PacketBuilder& PacketBuilder::protocol(IpProto protocol) {
  protocol_ = protocol;
  bare_ = true;
  return *this;
}

PacketBuilder& PacketBuilder::payload(std::string_view bytes) {
  payload_.assign(bytes.begin(), bytes.end());
  return *this;
}

PacketBuilder& PacketBuilder::ttl(uint8_t ttl) {
  ttl_ = ttl;
  return *this;
}

PacketBuilder& PacketBuilder::ip_options(Buffer options) {
  pad(options, 4);
  ip_options_ = std::move(options);
  return *this;
}

PacketBuilder& PacketBuilder::tcp_options(Buffer options) {
  pad(options, 4);
  tcp_options_ = std::move(options);
  return *this;
}

PacketBuilder& PacketBuilder::extension(IpProto type, Buffer body) {
  Buffer header = Buffer{0, 0} + body;
  pad(header, 8);
  // RFC 4302: the length of an authentication header is in words less 2.
  header[1] = type == IpProto::authentication ? uint8_t(header.size() / 4 - 2)
                                              : uint8_t(header.size() / 8 - 1);
  if (type == IpProto::fragment) header[1] = 0;
  extensions_.emplace_back(type, std::move(header));
  return *this;
}

PacketBuilder& PacketBuilder::routing(uint8_t segments_left) {
  return extension(IpProto::routing, {4, segments_left});
}

PacketBuilder& PacketBuilder::fragment(uint32_t offset, bool more) {
  if (family_ == Family::ipv4) {
    fragment_word_ = uint16_t(offset / 8 | (more ? 0x2000 : 0));
    return *this;
  }
  Buffer body;
  put16(body, uint16_t(offset | (more ? 1 : 0)));
  put32(body, 0x12345678);
  return extension(IpProto::fragment, body);
}

PacketBuilder& PacketBuilder::sequence(uint32_t sequence, uint32_t acknowledgment) {
  sequence_ = sequence;
  acknowledgment_ = acknowledgment;
  return *this;
}

PacketBuilder& PacketBuilder::pending_checksum() {
  pending_checksum_ = true;
  return *this;
}

PacketBuilder& PacketBuilder::lie8(size_t offset, uint8_t value) {
  lies_.emplace_back(offset, value);
  return *this;
}

PacketBuilder& PacketBuilder::lie16(size_t offset, uint16_t value) {
  return lie8(offset, uint8_t(value >> 8)).lie8(offset + 1, uint8_t(value));
}

void PacketBuilder::set_checksum(Buffer& segment, size_t at) const {
  uint16_t sum = naive_transport_sum(source_, destination_, protocol_, view(segment));
  if (pending_checksum_) {
    const Buffer zeros(segment.size());
    sum = complement(naive_transport_sum(source_, destination_, protocol_, view(zeros)));
  }
  uint16_t checksum = complement(sum);
  if (protocol_ == IpProto::udp && checksum == 0) checksum = 0xffff;
  store_be16(segment.data() + at, checksum);
}

Buffer PacketBuilder::tcp_header() const {
  Buffer out;
  put16(out, source_port_);
  put16(out, destination_port_);
  put32(out, sequence_);
  put32(out, acknowledgment_);
  put8(out, uint8_t((kTcpHeaderBytes + tcp_options_.size()) / 4 << 4));
  put8(out, tcp_flags_);
  put16(out, 64240);
  put32(out, 0);
  return out + tcp_options_;
}

Buffer PacketBuilder::udp_header() const {
  Buffer out;
  put16(out, source_port_);
  put16(out, destination_port_);
  put16(out, uint16_t(kUdpHeaderBytes + payload_.size()));
  put16(out, 0);
  return out;
}

Buffer PacketBuilder::icmp_header() const {
  constexpr uint8_t kEchoRequest = 8;
  constexpr uint8_t kEchoRequestV6 = 128;
  Buffer out;
  put8(out, family_ == Family::ipv4 ? kEchoRequest : kEchoRequestV6);
  put8(out, 0);
  put16(out, 0);
  put16(out, source_port_);
  put16(out, destination_port_);
  return out;
}

Buffer PacketBuilder::transport() const {
  if (bare_) return payload_;
  if (protocol_ == IpProto::tcp) {
    Buffer segment = tcp_header() + payload_;
    set_checksum(segment, 16);
    return segment;
  }
  if (protocol_ == IpProto::udp) {
    Buffer segment = udp_header() + payload_;
    set_checksum(segment, 6);
    return segment;
  }
  Buffer message = icmp_header() + payload_;
  if (family_ == Family::ipv6) {
    set_checksum(message, 2);
  } else {
    store_be16(message.data() + 2, complement(naive_sum(view(message))));
  }
  return message;
}

Buffer PacketBuilder::ipv4_header(size_t transport_bytes) const {
  const size_t header_bytes = kIpv4HeaderBytes + ip_options_.size();
  Buffer out;
  put8(out, uint8_t(0x40 | header_bytes / 4));
  put8(out, 0);
  put16(out, uint16_t(header_bytes + transport_bytes));
  put16(out, 0x1234);
  put16(out, fragment_word_);
  put8(out, ttl_);
  put8(out, uint8_t(protocol_));
  put16(out, 0);
  put(out, source_);
  put(out, destination_);
  out = out + ip_options_;
  store_be16(out.data() + 10, complement(naive_sum(view(out))));
  return out;
}

Buffer PacketBuilder::ipv6_header(size_t transport_bytes) const {
  Buffer chain;
  for (size_t i = 0; i < extensions_.size(); i++) {
    Buffer header = extensions_[i].second;
    header[0] = uint8_t(i + 1 < extensions_.size() ? extensions_[i + 1].first : protocol_);
    chain = chain + header;
  }
  Buffer out;
  put32(out, 0x60012345);
  put16(out, uint16_t(chain.size() + transport_bytes));
  put8(out, uint8_t(extensions_.empty() ? protocol_ : extensions_[0].first));
  put8(out, ttl_);
  put(out, source_);
  put(out, destination_);
  return out + chain;
}

Buffer PacketBuilder::build() const {
  const Buffer body = transport();
  Buffer packet =
      (family_ == Family::ipv4 ? ipv4_header(body.size()) : ipv6_header(body.size())) + body;
  for (const auto& [offset, value] : lies_) packet.at(offset) = value;
  return packet;
}

PacketBuilder ipv4(const std::string& source, const std::string& destination) {
  return {Family::ipv4, source, destination};
}

PacketBuilder ipv6(const std::string& source, const std::string& destination) {
  return {Family::ipv6, source, destination};
}

Buffer ethernet(const Buffer& packet, const std::vector<uint16_t>& vlans) {
  Buffer out{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  for (size_t i = 0; i < vlans.size(); i++) {
    put16(out, uint16_t(i + 1 < vlans.size() ? EtherType::qinq : EtherType::vlan));
    put16(out, vlans[i]);
  }
  put16(out, uint16_t(packet.at(0) >> 4 == 6 ? EtherType::ipv6 : EtherType::ipv4));
  return out + packet;
}

}  // namespace nflua::test
