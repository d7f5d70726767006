// SPDX-License-Identifier: GPL-2.0-or-later
// What else is in this network namespace that keeps packets from a place, or makes the kernel lose
// those that are queued there.
#pragma once

#include <string>
#include <vector>

#include "datapath/queue/place.hpp"

namespace nflua::queue {

struct Obstacles {
  /// Devices that show what they pass to IPv4's or IPv6's hooks (br_netfilter).
  std::vector<std::string> bridges;
  std::vector<std::string> vrfs;
  /// "ft of table inet filter".
  std::vector<std::string> flowtables;
};

/// What the kernel does not tell is missing.
Obstacles find_obstacles();

/// What a person should know who puts a filter there, a sentence each.
std::vector<std::string> advice(const PlaceOptions& place, const Obstacles& obstacles);

}  // namespace nflua::queue
