// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay_host.hpp"

namespace nflua::replay {

Result<ConnEntry> ReplayHost::find_connection(const Tuple& tuple) {
  const std::optional<ConnEntry> entry = conntrack_.find(tuple, now_ns());
  if (!entry) return Error("connid entry not found");
  return *entry;
}

Result<size_t> ReplayHost::send_netlink(State&, uint32_t port, uint32_t groups, Bytes payload) {
  events_.datagram(now_ns(), port, groups, payload);
  return payload.size();
}

}  // namespace nflua::replay
