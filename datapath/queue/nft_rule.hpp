// SPDX-License-Identifier: GPL-2.0-or-later
// A rule of nft's, written expression by expression in forms that nft itself can write and read, so
// that a saved ruleset loads. Over libnftnl.
#pragma once

#include <cstdio>  // libnftnl uses FILE without it

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter/nf_tables.h>

#include <cstdint>
#include <memory>
#include <string>

#include "datapath/queue/filter_rules.hpp"
#include "datapath/queue/zone.hpp"
#include "engine/bytes.hpp"

namespace nflua::queue {

/// What sets without a name of their own are called as they are made.
inline constexpr const char* kUnnamedSet = "__set%d";

/// A field's value as a register has it: from the first byte on.
uint32_t in_register(const Field& field, uint32_t value);

/// A rule that is being written, expression by expression.
class NftRule {
 public:
  NftRule();

  /// "meta mark VALUE".
  NftRule& mark_is(uint32_t value);
  /// "iifname NAME", "oifname NAME"; * or + at the end is any rest; empty: any device.
  NftRule& in_device_is(const std::string& name);
  NftRule& out_device_is(const std::string& name);
  /// "iifkind KIND".
  NftRule& in_device_kind_is(const char* kind);
  /// "meta nfproto FAMILY".
  NftRule& family_is(uint8_t family);
  /// "meta pkttype != host": it came as a broadcast or multicast of the link layer.
  NftRule& came_for_many();
  /// "fib daddr type TYPE": RTN_….
  NftRule& destination_is(uint32_t type);
  /// "ct status ! confirmed": none of its connection's packets has passed yet.
  NftRule& begins_connection();
  /// "@nh,72,8 0x6", "th dport 443", "meta length >= 100". `set`: of the test's values, if it needs
  /// one (nft_batch.hpp).
  NftRule& passes(const FilterTest& test, uint32_t set);
  /// The match or target of iptables' world. Borrows: `info`, which is copied.
  NftRule& xt_match(const char* name, uint32_t revision, Bytes info);
  NftRule& xt_target(const char* name, uint32_t revision, Bytes info);
  NftRule& set_priority(uint32_t value);
  /// "meta priority set ct id": ends the rule where there is no connection.
  NftRule& set_priority_to_connection_id();
  /// "ct state invalid,established,related,new,untracked": any, and nothing follows. It turns
  /// conntrack on.
  NftRule& track_connections();
  /// "ct zone != 0".
  NftRule& is_in_zone();
  /// "ct original zone … ct reply zone …": which of them are not 0.
  NftRule& zone_side_is(ZoneSide side);
  /// "meta priority set ct zone meta priority set meta priority | TAG".
  NftRule& set_priority_to_zone(uint32_t tag);
  /// "meta priority & MASK == VALUE".
  NftRule& priority_bits_are(uint32_t mask, uint32_t value);
  /// "update @MAP { ct id : meta priority }": ends the rule where the map is full.
  NftRule& map_connection_id_to_priority(const char* map);
  NftRule& notrack();
  NftRule& count();
  NftRule& leave_chain();
  NftRule& accept();
  NftRule& jump(const char* chain);
  NftRule& go_to(const char* chain);
  NftRule& queue(uint16_t first, uint16_t count, uint16_t flags);

  /// Shown with the rule.
  NftRule& comment(const char* text);

  nftnl_rule* rule() const { return rule_.get(); }

 private:
  struct Deleter {
    void operator()(nftnl_rule* rule) const { nftnl_rule_free(rule); }
  };

  nftnl_expr* add(const char* name);
  void meta_into(uint32_t key);
  void meta_from(uint32_t key);
  void connection_into(uint32_t key);
  /// `how`: NFT_CMP_…
  void compare(const void* value, size_t bytes, uint32_t how = NFT_CMP_EQ);
  void decide(uint32_t verdict, const char* chain);
  void look_up(uint32_t set, bool wanted);
  void zone_is_0(uint8_t direction, bool wanted);
  void payload_into(const Field& field);
  /// The register has `bytes` bytes; those of `mask` and `flip` are as they are to stand there.
  void keep_bits(uint32_t mask, uint32_t flip, uint32_t bytes = sizeof(uint32_t));
  void to_network_order();
  /// Any of the bits is set, or none is.
  void has_bits(uint32_t bits, bool wanted);
  void device_is(uint32_t key, const std::string& name);
  void add_xt(const char* expression, uint16_t name_attribute, const char* name, uint32_t revision,
              Bytes info);

  std::unique_ptr<nftnl_rule, Deleter> rule_;
};

}  // namespace nflua::queue
