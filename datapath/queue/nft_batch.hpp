// SPDX-License-Identifier: GPL-2.0-or-later
// One transaction of nft's: tables, chains and rules that the kernel takes all or none of. Over
// libnftnl.
#pragma once

#include <cstdio>  // libnftnl uses FILE without it

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datapath/queue/netlink_socket.hpp"

namespace nflua::queue {

/// A rule that is being written, expression by expression.
class NftRule {
 public:
  NftRule();

  /// "meta mark VALUE".
  NftRule& mark_is(uint32_t value);
  /// "iifname NAME", "oifname NAME"; * or + at the end is any rest; empty: any device.
  NftRule& in_device_is(const std::string& name);
  NftRule& out_device_is(const std::string& name);
  /// The match or target of iptables' world. Borrows: `info`, which is copied.
  NftRule& xt_match(const char* name, uint32_t revision, Bytes info);
  NftRule& xt_target(const char* name, uint32_t revision, Bytes info);
  NftRule& set_priority(uint32_t value);
  /// "meta priority set ct id": ends the rule where there is no connection.
  NftRule& set_priority_to_connection_id();
  /// "ct state": looks at it, and does nothing.
  NftRule& look_at_connection();
  NftRule& notrack();
  NftRule& leave_chain();
  NftRule& queue(uint16_t first, uint16_t count, uint16_t flags);

  nftnl_rule* rule() { return rule_.get(); }

 private:
  struct Deleter {
    void operator()(nftnl_rule* rule) const { nftnl_rule_free(rule); }
  };

  nftnl_expr* add(const char* name);
  void meta_into(uint32_t key);
  void meta_from(uint32_t key);
  void compare(const void* value, size_t bytes);
  void device_is(uint32_t key, const std::string& name);
  void add_xt(const char* expression, uint16_t name_attribute, const char* name, uint32_t revision,
              Bytes info);

  std::unique_ptr<nftnl_rule, Deleter> rule_;
};

struct NftHook {
  uint32_t hook;
  int32_t priority;
};

class NftBatch {
 public:
  /// All that is added belongs to that table. `family`: NFPROTO_….
  NftBatch(const std::string& table, uint8_t family);

  /// `comment`: shown with it; empty: none.
  void add_table(uint32_t flags, const std::string& comment = {});
  void delete_table();
  /// Without a hook: one that no packet meets.
  void add_chain(const char* name, const std::optional<NftHook>& hook);
  void add_rule(const char* chain, NftRule& rule);
  void delete_rules(const char* chain);

  /// Returns 0, or the errno of the first part that the kernel refused: then nothing changed.
  /// Requires: the socket never waits, and nothing else arrives there.
  int commit(const NetlinkSocket& socket);

 private:
  nlmsghdr* begin(uint16_t type, uint16_t flags);
  void end(const nlmsghdr* message);
  void add_marker(uint16_t type);

  std::string table_;
  uint8_t family_;
  uint32_t sequence_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace nflua::queue
