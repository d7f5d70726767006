// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/reply_sender.hpp"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "datapath/queue/own_rules.hpp"
#include "engine/wire.hpp"

namespace nflua::queue {

namespace {

constexpr int kOn = 1;

FileDescriptor open_raw(int family, int level, int header_option) {
  FileDescriptor raw(socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW));
  if (raw.get() < 0) return raw;
  setsockopt(raw.get(), level, header_option, &kOn, sizeof kOn);
  const uint32_t mark = kOwnMark;
  setsockopt(raw.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark);
  return raw;
}

template <class Address>
int send_to(const FileDescriptor& socket, Bytes bytes, const Address& to) {
  if (socket.get() < 0) return EPERM;
  const auto* address = reinterpret_cast<const sockaddr*>(&to);
  return sendto(socket.get(), bytes.data(), bytes.size(), 0, address, sizeof to) < 0 ? errno : 0;
}

}  // namespace

// Protocol 0: it only sends.
ReplySender::ReplySender()
    : link_(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      ipv4_(open_raw(AF_INET, IPPROTO_IP, IP_HDRINCL)),
      ipv6_(open_raw(AF_INET6, IPPROTO_IPV6, IPV6_HDRINCL)) {}

Error ReplySender::send(Bytes ip, const QueuedPacket& to, const Device& device) const {
  const bool has_addresses =
      device.is_ethernet && to.source_link_address.size() == kEthernetAddressBytes;
  const int error = has_addresses ? send_frame(ip, to) : send_ip(ip);
  return error == 0 ? Error() : errno_error(error);
}

int ReplySender::send_frame(Bytes ip, const QueuedPacket& to) const {
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(to.protocol);
  address.sll_ifindex = int(to.in_device);
  address.sll_halen = kEthernetAddressBytes;
  std::memcpy(address.sll_addr, to.source_link_address.data(), kEthernetAddressBytes);
  return send_to(link_, ip, address);
}

int ReplySender::send_ip(Bytes ip) const {
  const Address destination = destination_address(ip);
  if (destination.family == Family::ipv4) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    std::memcpy(&address.sin_addr, destination.bytes, sizeof address.sin_addr);
    return send_to(ipv4_, ip, address);
  }
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  std::memcpy(&address.sin6_addr, destination.bytes, sizeof address.sin6_addr);
  return send_to(ipv6_, ip, address);
}

}  // namespace nflua::queue
