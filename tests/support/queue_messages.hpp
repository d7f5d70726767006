// SPDX-License-Identifier: GPL-2.0-or-later
// Messages as the kernel's nfnetlink_queue sends them.
#pragma once

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include <vector>

#include "tests/support/packets.hpp"

namespace nflua::test {

class QueueMessage {
 public:
  explicit QueueMessage(uint32_t id, uint8_t hook = NF_INET_FORWARD, uint16_t protocol = 0x0800) {
    nlmsghdr* message = mnl_nlmsg_put_header(bytes_.data());
    message->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET;
    mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg));
    nfqnl_msg_packet_hdr header = {};
    header.packet_id = htonl(id);
    header.hw_protocol = htons(protocol);
    header.hook = hook;
    mnl_attr_put(message, NFQA_PACKET_HDR, sizeof header, &header);
  }

  QueueMessage& be32(uint16_t type, uint32_t value) {
    mnl_attr_put_u32(header(), type, htonl(value));
    return *this;
  }
  QueueMessage& bytes(uint16_t type, Bytes value) {
    mnl_attr_put(header(), type, value.size(), value.data());
    return *this;
  }
  QueueMessage& payload(const Buffer& packet) { return bytes(NFQA_PAYLOAD, view(packet)); }
  QueueMessage& link_address(const Buffer& address) {
    nfqnl_msg_packet_hw value = {};
    value.hw_addrlen = htons(uint16_t(address.size()));
    std::copy(address.begin(), address.end(), value.hw_addr);
    mnl_attr_put(header(), NFQA_HWADDR, sizeof value, &value);
    return *this;
  }

  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(bytes_.data()); }

 private:
  static constexpr size_t kBytes = 1 << 17;
  std::vector<uint8_t> bytes_ = std::vector<uint8_t>(kBytes);
};

/// Attributes one after the other, as in a nested one.
class Attributes {
 public:
  Attributes() { mnl_nlmsg_put_header(bytes_.data()); }

  Attributes& bytes(uint16_t type, Bytes value) {
    mnl_attr_put(header(), type, value.size(), value.data());
    return *this;
  }
  Attributes& be32(uint16_t type, uint32_t value) {
    mnl_attr_put_u32(header(), type, htonl(value));
    return *this;
  }
  Attributes& be16(uint16_t type, uint16_t value) {
    mnl_attr_put_u16(header(), type, htons(value));
    return *this;
  }
  Attributes& be64(uint16_t type, uint64_t value) {
    mnl_attr_put_u64(header(), type, __builtin_bswap64(value));
    return *this;
  }
  Bytes all() { return Bytes(bytes_.data(), header()->nlmsg_len).sub(MNL_NLMSG_HDRLEN); }

 private:
  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(bytes_.data()); }

  std::vector<uint8_t> bytes_ = std::vector<uint8_t>(4096);
};

}  // namespace nflua::test
