// SPDX-License-Identifier: GPL-2.0-or-later
// Network devices by index: looked up once, forgotten when the kernel says that one changed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "datapath/queue/netlink_socket.hpp"

namespace nflua::queue {

inline constexpr size_t kEthernetAddressBytes = 6;

struct Device {
  std::string name;
  /// Has addresses of Ethernet's kind, so that a frame can be sent to one of them.
  bool is_ethernet = false;
  std::array<uint8_t, kEthernetAddressBytes> address{};
};

class Devices {
 public:
  static Outcome<Devices> open();

  /// nullptr: there is none (any more). Borrows: until forget_changed().
  const Device* find(uint32_t index);
  /// Reads the kernel's news; if there is any, forgets all.
  void forget_changed();
  /// Readable when there is news.
  int fd() const { return news_.fd(); }

 private:
  explicit Devices(NetlinkSocket news) : news_(std::move(news)) {}

  NetlinkSocket news_;
  /// nullptr: looked up, and not there.
  std::unordered_map<uint32_t, std::unique_ptr<Device>> known_;
};

}  // namespace nflua::queue
