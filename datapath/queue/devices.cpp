// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/devices.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

#include <cstring>

namespace nflua::queue {

namespace {

std::unique_ptr<Device> look_up(uint32_t index, int any_socket) {
  ifreq request = {};
  if (!if_indextoname(index, request.ifr_name)) return nullptr;
  auto device = std::make_unique<Device>();
  device->name = request.ifr_name;
  // A netlink socket takes the ioctls of all sockets.
  if (ioctl(any_socket, SIOCGIFHWADDR, &request) != 0) return device;
  device->is_ethernet = request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
  std::memcpy(device->address.data(), request.ifr_hwaddr.sa_data, device->address.size());
  return device;
}

}  // namespace

Outcome<Devices> Devices::open() {
  Outcome<NetlinkSocket> news = NetlinkSocket::open(NETLINK_ROUTE, RTMGRP_LINK);
  if (!news) return news.failure();
  news->never_wait();
  return Devices(std::move(*news));
}

const Device* Devices::find(uint32_t index) {
  if (index == 0) return nullptr;
  const auto [entry, is_new] = known_.try_emplace(index);
  if (is_new) entry->second = look_up(index, news_.fd());
  return entry->second.get();
}

// What changed does not matter: looking up is cheap. An overflow (ENOBUFS) is news as well.
void Devices::forget_changed() {
  uint8_t buffer[kNetlinkMessageBytes];
  while (!news_.receive({buffer, sizeof buffer}).empty()) {
  }
  known_.clear();
}

}  // namespace nflua::queue
