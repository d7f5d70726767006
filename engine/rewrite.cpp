// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/rewrite.hpp"

#include "engine/checksum.hpp"
#include "engine/limits.hpp"

namespace nflua {
namespace {

constexpr uint8_t kReplyTtl = 64;
/// The largest without scaling. The peer applies the connection's scale, which isn't known here.
constexpr uint16_t kReplyWindow = 0xffff;
constexpr uint16_t kIpv4DontFragment = 0x4000;
constexpr size_t kTcpChecksumOffset = 16;
constexpr size_t kUdpChecksumOffset = 6;

// ---- What a packet must be to be answered or changed

/// Addresses that no single host answers to, or that say that there is none.
bool is_unicast(const Address& address) {
  if (address.family == Family::ipv6) {
    constexpr Address kUnspecified{Family::ipv6, {}};
    return address.bytes[0] != 0xff && address != kUnspecified;
  }
  const uint32_t value = load_be32(address.bytes);
  constexpr uint32_t kBroadcast = 0xffff'ffff;
  return value != 0 && value != kBroadcast && value >> 28 != 0xe;
}

/// A packet whose headers are there, unfragmented, of the wanted protocol.
struct Original {
  IpHeader ip;
  Address source;
  Address destination;
  /// What the transport header carries, as claimed; may be more than is there.
  Payload payload;
  /// Transport header and payload, as much as is there.
  Bytes segment;
  bool is_cut_off = false;
};

Result<Original> read_original(const SeenPacket& seen, IpProto protocol, Error wrong_protocol) {
  Original original;
  const Bytes packet = seen.bytes;
  const Result<IpHeader> ip = parse_ip(seen);
  if (!ip) return ip.error();
  if (ip->protocol != protocol) return wrong_protocol;
  if (ip->is_fragment()) return Error("packet is a fragment");
  if (ip->is_source_routed) return Error("packet is source-routed");
  const Result<Payload> payload = find_payload(packet);
  if (!payload) return payload.error();
  original.ip = *ip;
  original.source = source_address(packet);
  original.destination = destination_address(packet);
  original.segment = packet.first(ip->packet_bytes).sub(ip->header_bytes);
  original.is_cut_off = packet.size() < ip->packet_bytes;
  original.payload = {payload->offset,
                      original.is_cut_off ? ip->packet_bytes - payload->offset : payload->size};
  return original;
}

/// `covered`: the segment, as long as its own length says.
Error check_checksum(const Original& original, Bytes covered, size_t checksum_offset) {
  if (original.ip.is_length_zero) return {};
  if (original.is_cut_off) return Error("packet is cut off");
  const Address& source = original.source;
  const Address& destination = original.destination;
  const IpProto protocol = original.ip.protocol;
  if (transport_checksum_is_good(source, destination, protocol, covered)) return {};
  // What a sending host's capture shows: the hardware adds the rest.
  const uint16_t pending = pseudo_header_sum(source, destination, protocol, covered.size());
  return covered.be16(checksum_offset) == pending ? Error() : Error("bad checksum");
}

Result<Original> read_answerable(const SeenPacket& packet, IpProto protocol, Error wrong_protocol) {
  const Result<Original> original = read_original(packet, protocol, wrong_protocol);
  if (!original) return original;
  if (!is_unicast(original->source) || !is_unicast(original->destination)) {
    return Error("not between two unicast addresses");
  }
  return original;
}

Error check_udp_checksum(const Original& original) {
  const bool has_checksum = original.segment.be16(kUdpChecksumOffset) != 0;
  if (!has_checksum && original.ip.family == Family::ipv4) return {};
  if (!has_checksum) return Error("bad checksum");
  const Bytes covered = original.segment.first(kUdpHeaderBytes + original.payload.size);
  return check_checksum(original, covered, kUdpChecksumOffset);
}

Tuple reverse(const Original& original) {
  const Bytes segment = original.segment;
  return {original.ip.protocol, original.destination, original.source, true,
          segment.be16(2),      segment.be16(0)};
}

// ---- Writing

size_t ip_header_bytes(Family family) {
  return family == Family::ipv4 ? kIpv4HeaderBytes : kIpv6HeaderBytes;
}

void set_ipv4_lengths(MutableBytes packet, size_t header_bytes) {
  store_be16(packet.data() + 2, uint16_t(packet.size()));
  store_be16(packet.data() + 10, 0);
  store_be16(packet.data() + 10, ipv4_header_checksum(packet.first(header_bytes)));
}

/// RFC 2675 section 3: the option and a length exclude each other.
void pad_jumbo_option(MutableBytes packet) {
  constexpr uint8_t kPadN = 1;
  const Bytes option = jumbo_option(packet);
  if (option.empty()) return;
  uint8_t* at = packet.data() + (option.data() - packet.data());
  memset(at, 0, option.size());
  at[0] = kPadN;
  at[1] = uint8_t(option.size() - 2);
}

void set_ipv6_lengths(MutableBytes packet) {
  store_be16(packet.data() + 4, uint16_t(packet.size() - kIpv6HeaderBytes));
}

void write_ipv4_header(const Tuple& tuple, MutableBytes packet) {
  packet[0] = 0x45;
  store_be16(packet.data() + 6, kIpv4DontFragment);
  packet[8] = kReplyTtl;
  packet[9] = uint8_t(tuple.protocol);
  memcpy(packet.data() + 12, tuple.source.bytes, 4);
  memcpy(packet.data() + 16, tuple.destination.bytes, 4);
  set_ipv4_lengths(packet, kIpv4HeaderBytes);
}

void write_ipv6_header(const Tuple& tuple, MutableBytes packet) {
  packet[0] = 0x60;
  packet[6] = uint8_t(tuple.protocol);
  packet[7] = kReplyTtl;
  memcpy(packet.data() + 8, tuple.source.bytes, 16);
  memcpy(packet.data() + 24, tuple.destination.bytes, 16);
  set_ipv6_lengths(packet);
}

void copy(MutableBytes to, Bytes from) {
  if (!from.empty()) memcpy(to.data(), from.data(), from.size());
}

/// Requires: the field is zero.
void set_checksum(const Address& source, const Address& destination, IpProto protocol,
                  MutableBytes segment, size_t offset) {
  store_be16(segment.data() + offset, transport_checksum(source, destination, protocol, segment));
}

Result<Original> read_replaceable(const SeenPacket& packet) {
  const Result<Original> original = read_original(packet, IpProto::tcp, Error("not a TCP packet"));
  if (original && original->is_cut_off) return Error("packet is cut off");
  return original;
}

}  // namespace

Result<Reply> Reply::tcp(const SeenPacket& packet, Bytes message, size_t mss,
                         bool checksum_is_pending) {
  if (message.empty()) return Error("empty message");
  if (message.size() > kMaxReplyBytes) return Error("message too long");
  const Result<Original> original =
      read_answerable(packet, IpProto::tcp, Error("not a TCP packet"));
  if (!original) return original.error();
  const Result<TcpHeader> tcp = parse_tcp(original->segment);
  if (!tcp) return tcp.error();
  if (tcp->has(TcpFlag::rst)) return Error("packet resets the connection");
  if (!tcp->has(TcpFlag::ack)) return Error("packet acknowledges nothing");
  if (!checksum_is_pending) {
    if (Error error = check_checksum(*original, original->segment, kTcpChecksumOffset)) {
      return error;
    }
  }

  Reply reply;
  reply.tuple_ = reverse(*original);
  reply.sequence_ = tcp->acknowledgment;
  reply.acknowledgment_ = uint32_t(tcp->sequence + original->payload.size + tcp->has(TcpFlag::syn) +
                                   tcp->has(TcpFlag::fin));
  reply.message_ = message;
  if (mss == 0) mss = kDefaultMss;
  if (mss < kMinMss) mss = kMinMss;
  reply.part_bytes_ = least(mss, kMaxPacketBytes - reply.header_bytes());
  return reply;
}

Result<Reply> Reply::udp(const SeenPacket& packet, Bytes message, bool checksum_is_pending) {
  const Result<Original> original =
      read_answerable(packet, IpProto::udp, Error("not a UDP packet"));
  if (!original) return original.error();
  if (!checksum_is_pending) {
    if (Error error = check_udp_checksum(*original)) return error;
  }
  // RFC 768: a sender that expects no answer may leave its port 0.
  if (original->segment.be16(0) == 0) return Error("no source port");

  Reply reply;
  reply.tuple_ = reverse(*original);
  reply.message_ = message;
  reply.part_bytes_ = kMaxPacketBytes - reply.header_bytes();
  if (message.size() > reply.part_bytes_) return Error("message too long");
  return reply;
}

size_t Reply::header_bytes() const {
  return ip_header_bytes(tuple_.source.family) +
         (tuple_.protocol == IpProto::tcp ? kTcpHeaderBytes : kUdpHeaderBytes);
}

size_t Reply::packets() const {
  if (message_.empty()) return 1;
  return (message_.size() + part_bytes_ - 1) / part_bytes_;
}

Bytes Reply::part(size_t index) const { return message_.sub(index * part_bytes_, part_bytes_); }

size_t Reply::size(size_t index) const { return header_bytes() + part(index).size(); }

void Reply::write(size_t index, MutableBytes out) const {
  const MutableBytes packet = out.first(size(index));
  memset(packet.data(), 0, header_bytes());
  copy(packet.sub(header_bytes()), part(index));
  if (tuple_.source.family == Family::ipv4) {
    write_ipv4_header(tuple_, packet);
  } else {
    write_ipv6_header(tuple_, packet);
  }
  const MutableBytes segment = packet.sub(ip_header_bytes(tuple_.source.family));
  store_be16(segment.data(), tuple_.source_port);
  store_be16(segment.data() + 2, tuple_.destination_port);
  if (tuple_.protocol == IpProto::tcp) {
    write_tcp(index, segment);
  } else {
    write_udp(segment);
  }
}

void Reply::write_tcp(size_t index, MutableBytes segment) const {
  store_be32(segment.data() + 4, uint32_t(sequence_ + index * part_bytes_));
  store_be32(segment.data() + 8, acknowledgment_);
  segment[12] = uint8_t(kTcpHeaderBytes / 4 << 4);
  segment[13] = uint8_t(TcpFlag::psh) | uint8_t(TcpFlag::ack);
  store_be16(segment.data() + 14, kReplyWindow);
  set_checksum(tuple_.source, tuple_.destination, IpProto::tcp, segment, kTcpChecksumOffset);
}

void Reply::write_udp(MutableBytes segment) const {
  store_be16(segment.data() + 4, uint16_t(segment.size()));
  set_checksum(tuple_.source, tuple_.destination, IpProto::udp, segment, kUdpChecksumOffset);
}

Result<size_t> replaced_size(const SeenPacket& packet, size_t payload_bytes) {
  const Result<Original> original = read_replaceable(packet);
  if (!original) return original.error();
  const size_t header_bytes = original->payload.offset;
  if (header_bytes > kMaxPacketBytes || payload_bytes > kMaxPacketBytes - header_bytes) {
    return Error("payload too long");
  }
  return header_bytes + payload_bytes;
}

void replace_tcp_payload(Bytes packet, Bytes payload, MutableBytes out) {
  const Result<Original> original = read_replaceable(packet);
  if (!original) return;
  const IpHeader& ip = original->ip;
  copy(out, packet.first(original->payload.offset));
  copy(out.sub(original->payload.offset), payload);
  if (ip.family == Family::ipv4) {
    set_ipv4_lengths(out, ip.header_bytes);
  } else {
    set_ipv6_lengths(out);
    pad_jumbo_option(out);
  }
  const MutableBytes segment = out.sub(ip.header_bytes);
  store_be16(segment.data() + kTcpChecksumOffset, 0);
  set_checksum(original->source, original->destination, IpProto::tcp, segment, kTcpChecksumOffset);
}

}  // namespace nflua
