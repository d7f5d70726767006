// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queued_packet.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include <algorithm>

#include "datapath/queue/attributes.hpp"

namespace nflua::queue {

namespace {

constexpr uint16_t kPacketMessage = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET;

/// In network order, as all of this protocol's numbers. 0: the attribute is too short.
uint32_t be32_of(Bytes bytes) { return bytes.has(0, sizeof(uint32_t)) ? bytes.be32(0) : 0; }

bool read_header(Bytes bytes, QueuedPacket& packet) {
  nfqnl_msg_packet_hdr header;
  if (!bytes.has(0, sizeof header)) return false;
  memcpy(&header, bytes.data(), sizeof header);
  packet.id = ntohl(header.packet_id);
  packet.hook = header.hook;
  packet.protocol = ntohs(header.hw_protocol);
  return true;
}

Bytes link_address_of(Bytes bytes) {
  nfqnl_msg_packet_hw address;
  if (!bytes.has(0, sizeof address)) return {};
  memcpy(&address, bytes.data(), sizeof address);
  return bytes.sub(offsetof(nfqnl_msg_packet_hw, hw_addr),
                   std::min<size_t>(ntohs(address.hw_addrlen), sizeof address.hw_addr));
}

void read_vlan(Bytes attributes, QueuedPacket& packet) {
  for_each_attribute(attributes, [&](uint16_t type, Bytes value) {
    if (!value.has(0, sizeof(uint16_t))) return;
    if (type == NFQA_VLAN_PROTO) packet.vlan_protocol = value.be16(0);
    if (type == NFQA_VLAN_TCI) packet.vlan_tag = value.be16(0);
  });
}

void read_attribute(uint16_t type, Bytes value, QueuedPacket& packet) {
  switch (type) {
    case NFQA_MARK:
      packet.mark = be32_of(value);
      break;
    case NFQA_PRIORITY:
      packet.priority = be32_of(value);
      break;
    case NFQA_IFINDEX_INDEV:
      packet.in_device = be32_of(value);
      break;
    case NFQA_IFINDEX_OUTDEV:
      packet.out_device = be32_of(value);
      break;
    case NFQA_HWADDR:
      packet.source_link_address = link_address_of(value);
      break;
    case NFQA_PAYLOAD:
      packet.payload = value;
      break;
    case NFQA_CAP_LEN:
      packet.wire_bytes = be32_of(value);
      break;
    case NFQA_L2HDR:
      packet.link_header = value;
      break;
    case NFQA_VLAN:
      read_vlan(value, packet);
      break;
    case NFQA_CT:
      packet.connection = value;
      break;
    case NFQA_UID:
      if (!packet.owner) packet.owner.emplace();
      packet.owner->uid = be32_of(value);
      break;
    case NFQA_GID:
      if (!packet.owner) packet.owner.emplace();
      packet.owner->gid = be32_of(value);
      break;
    case NFQA_SKB_INFO:
      packet.checksum_is_pending = be32_of(value) & (NFQA_SKB_CSUMNOTREADY | NFQA_SKB_GSO);
      packet.is_bundle = be32_of(value) & NFQA_SKB_GSO;
      break;
    default:
      break;
  }
}

}  // namespace

bool parse_queued_packet(const nlmsghdr& message, QueuedPacket& packet) {
  if (message.nlmsg_type != kPacketMessage) return false;
  packet = {};
  bool has_id = false;
  for_each_attribute(attributes_of(message, sizeof(nfgenmsg)), [&](uint16_t type, Bytes value) {
    if (type == NFQA_PACKET_HDR)
      has_id = read_header(value, packet);
    else
      read_attribute(type, value, packet);
  });
  packet.wire_bytes = std::max(packet.wire_bytes, uint32_t(packet.payload.size()));
  return has_id;
}

}  // namespace nflua::queue
