// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a packet, through every function of the engine that reads or rewrites one.
// Input: MSS (2 bytes), flags (1), size of a message in units of 16 bytes (1), the packet.
#include <vector>

#include "engine/checksum.hpp"
#include "engine/find.hpp"
#include "engine/rewrite.hpp"
#include "engine/tunnel.hpp"
#include "engine/wire.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace nflua::fuzz {
namespace {

constexpr size_t kMessageUnitBytes = 16;

using Buffer = std::vector<uint8_t>;

bool is_within(Bytes part, Bytes whole) {
  return part.empty() || (part.begin() >= whole.begin() && part.end() <= whole.end());
}

void read_headers(Bytes packet) {
  const Bytes ip = ip_packet(packet);
  require(is_within(ip, packet), "an IP packet is a part of its bytes");
  const Result<IpHeader> header = parse_ip(packet);
  if (header) {
    require(header->header_bytes <= packet.size(), "headers are there");
    require(header->packet_bytes >= header->header_bytes, "a packet holds its headers");
    const Result<TcpHeader> tcp = parse_tcp(packet.sub(header->header_bytes));
    if (tcp) {
      require(tcp->header_bytes <= packet.size() - header->header_bytes, "TCP's header is there");
      tcp_mss(packet.sub(header->header_bytes, tcp->header_bytes));
    }
  }
  const Result<Payload> payload = find_payload(packet);
  if (payload) require(packet.has(payload->offset, payload->size), "a payload is there");
  const Result<Tuple> tuple = parse_tuple(packet);
  if (tuple) require(bool(header), "what has a tuple has a header");
  const Result<InnerPacket> inner = find_inner(packet);
  if (inner && inner->tunnels > 0)
    require(packet.has(inner->payload.offset, inner->payload.size), "an inner payload is there");
}

/// Whether the packet is one that its receiver takes.
void require_good_packet(Bytes packet) {
  const Result<IpHeader> ip = parse_ip(packet);
  require(bool(ip), "a written packet has a header");
  require(ip->packet_bytes == packet.size(), "a written packet says its length");
  if (ip->family == Family::ipv4)
    require(ipv4_header_checksum_is_good(packet.first(ip->header_bytes)), "IPv4's checksum fits");
  const Bytes segment = packet.sub(ip->header_bytes);
  if (!ip->is_source_routed)
    require(transport_checksum_is_good(source_address(packet), destination_address(packet),
                                       ip->protocol, segment),
            "the transport's checksum fits");
}

void write_reply(const Result<Reply>& reply, Bytes message) {
  if (!reply) return;
  size_t carried = 0;
  for (size_t i = 0; i < reply->packets(); ++i) {
    Buffer out(reply->size(i));
    reply->write(i, {out.data(), out.size()});
    const Bytes packet(out.data(), out.size());
    require_good_packet(packet);
    const Result<Payload> payload = find_payload(packet);
    require(bool(payload), "a reply has a payload");
    require(packet.sub(payload->offset, payload->size) == message.sub(carried, payload->size),
            "a reply carries the message");
    carried += payload->size;
  }
  require(carried == message.size(), "replies carry the whole message");
}

void replace_payload(Bytes packet, Bytes payload) {
  const Result<size_t> size = replaced_size(packet, payload.size());
  if (!size) return;
  Buffer out(*size);
  replace_tcp_payload(packet, payload, {out.data(), out.size()});
  const Bytes replaced(out.data(), out.size());
  require_good_packet(replaced);
  const Result<Payload> found = find_payload(replaced);
  require(found && replaced.sub(found->offset, found->size) == payload,
          "the payload is the new one");
}

void find_parts(Bytes packet) {
  const size_t third = packet.size() / 3;
  const Bytes needle = packet.sub(third, third);
  const size_t found = find_bytes(packet, needle);
  require(found <= third, "what is there is found");
  require(packet.sub(found, needle.size()) == needle, "what is found is there");
}

}  // namespace
}  // namespace nflua::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nflua;
  using namespace nflua::fuzz;
  Choices choices({data, size});
  const size_t mss = choices.u16();
  const bool checksum_is_pending = choices.flag();
  const std::vector<uint8_t> text(choices.byte() * kMessageUnitBytes, 'x');
  const Bytes message(text.data(), text.size());
  // A block of its own, so that AddressSanitizer sees a read past the packet's end.
  const std::vector<uint8_t> copy(choices.rest().begin(), choices.rest().end());
  const Bytes packet(copy.data(), copy.size());
  read_headers(packet);
  write_reply(Reply::tcp(packet, message, mss, checksum_is_pending), message);
  write_reply(Reply::udp(packet, message, checksum_is_pending), message);
  replace_payload(packet, message);
  find_parts(packet);
  return 0;
}
