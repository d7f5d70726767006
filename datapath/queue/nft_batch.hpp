// SPDX-License-Identifier: GPL-2.0-or-later
// One transaction of nft's: tables, chains and rules that the kernel takes all or none of. Over
// libnftnl.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datapath/queue/netlink_socket.hpp"
#include "datapath/queue/nft_rule.hpp"

struct nftnl_set;

namespace nflua::queue {

/// The numbers that the kernel gave to parts of a table as they were made: what has another one is
/// another one's.
struct NftHandles {
  uint64_t table = 0;
  uint32_t flags = 0;
  /// In ascending order.
  std::vector<uint64_t> rules;

  friend bool operator==(const NftHandles&, const NftHandles&) = default;
};

struct NftHook {
  uint32_t hook;
  int32_t priority;
};

class NftBatch {
 public:
  /// All that is added belongs to that table. `family`: NFPROTO_….
  NftBatch(const std::string& table, uint8_t family);

  /// `flags`: nothing leaves one that is there as it is. `comment`: shown with it; empty: none.
  void add_table(std::optional<uint32_t> flags, const std::string& comment = {});
  void delete_table();
  /// Without a hook: one that no packet meets. One that is there already may stay.
  void add_chain(const char* name, const std::optional<NftHook>& hook);
  void add_rule(const char* chain, NftRule& rule);
  /// Gives `set` the batch's table and family, and a number, which is returned.
  uint32_t add_set(nftnl_set* set);
  /// Adds a set without a name, of the values of a test, for one rule: returns its number.
  uint32_t add_values(const FilterTest& test);
  void delete_chain(const char* name);
  void delete_rules(const char* chain);

  /// Returns 0, or the errno of the first part that the kernel refused: then nothing changed.
  /// `made`: gets the handles of what was added, unless it failed; nullptr: nobody asks. Requires:
  /// the socket never waits, and nothing else arrives there.
  int commit(const NetlinkSocket& socket, NftHandles* made = nullptr);

 private:
  nlmsghdr* begin(uint16_t type, uint16_t flags);
  void end(const nlmsghdr* message);
  void add_marker(uint16_t type);

  std::string table_;
  uint8_t family_;
  uint32_t sequence_ = 0;
  uint32_t sets_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace nflua::queue
