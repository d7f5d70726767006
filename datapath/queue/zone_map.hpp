// SPDX-License-Identifier: GPL-2.0-or-later
// Which zone a packet's connection is in, where its message tells only the connection's id: a map
// of our own table, which the rule in front of the queue fills with connections of other zones than
// 0.
//
//   map zones { typeof ct id : meta priority; flags dynamic,timeout }
#pragma once

#include <string>

#include "datapath/queue/nft_batch.hpp"
#include "datapath/queue/zone.hpp"

namespace nflua::queue {

inline constexpr const char* kZoneMap = "zones";

void add_zone_map(NftBatch& batch);

class ZoneMap {
 public:
  /// `family`: NFPROTO_….
  static Outcome<ZoneMap> open(const std::string& table, uint8_t family);

  /// `id`: as it stands in nft's register. Zone 0: the map does not have it.
  Zone find(uint32_t id);

 private:
  ZoneMap(NetlinkSocket socket, std::string table, uint8_t family)
      : socket_(std::move(socket)), table_(std::move(table)), family_(family) {}

  NetlinkSocket socket_;
  std::string table_;
  uint8_t family_;
  uint32_t sequence_ = 0;
};

}  // namespace nflua::queue
