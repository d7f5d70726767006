// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/made_packet.hpp"

namespace nflua {

Bytes make_reply_packet(const Reply& reply, size_t index, std::vector<uint8_t>& buffer) {
  buffer.resize(reply.size(index));
  const MutableBytes packet(buffer.data(), buffer.size());
  reply.write(index, packet);
  return packet;
}

Result<Bytes> make_replaced_packet(const SeenPacket& ip, Bytes payload,
                                   std::vector<uint8_t>& buffer) {
  const Result<size_t> size = replaced_size(ip, payload.size());
  if (!size) return size.error();
  buffer.resize(*size);
  const MutableBytes packet(buffer.data(), buffer.size());
  replace_tcp_payload(ip.bytes, payload, packet);
  return Bytes(packet);
}

}  // namespace nflua
