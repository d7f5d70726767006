// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel has of a table of nft's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "datapath/queue/netlink_socket.hpp"
#include "datapath/queue/nft_batch.hpp"

namespace nflua::queue {

struct NftTable {
  NftHandles handles;
  /// Packets that rules with a comment and a counter have counted, by the comment.
  std::map<std::string, uint64_t> counted;
};

/// Nothing: there is no such table, or the kernel does not tell. `family`: NFPROTO_….
/// Requires: the socket never waits, and nothing else arrives there.
std::optional<NftTable> read_table(const NetlinkSocket& socket, const std::string& table,
                                   uint8_t family);

}  // namespace nflua::queue
