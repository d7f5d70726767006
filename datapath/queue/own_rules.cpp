// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/own_rules.hpp"

#include <fmt/format.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "datapath/queue/nft_batch.hpp"
#include "datapath/queue/selection.hpp"
#include "datapath/queue/table_note.hpp"
#include "datapath/queue/table_reader.hpp"
#include "datapath/queue/zone_map.hpp"

namespace nflua::queue {

namespace {

// Names that nft's language has no other use for: what it lists must load again.
constexpr const char* kHookedChain = "judge";
constexpr const char* kSelectedChain = "selected";
constexpr const char* kOwnChain = "own";
constexpr const char* kZoneChain = "zoned";

void add_queue(NftRule& rule, const Placement& placement, const RuleForms& forms) {
  if (forms.via == QueueVia::nft) {
    rule.queue(placement.first_queue, placement.queues,
               placement.fail_open ? NFT_QUEUE_FLAG_BYPASS : 0);
    return;
  }
  constexpr uint32_t kRevision = 3;
  // The kernel wants it padded.
  struct alignas(8) PaddedInfo : xt_NFQ_info_v3 {};
  PaddedInfo info = {};
  info.queuenum = placement.first_queue;
  info.queues_total = placement.queues;
  info.flags = placement.fail_open ? NFQ_FLAG_BYPASS : 0;
  rule.xt_target("NFQUEUE", kRevision, {reinterpret_cast<const uint8_t*>(&info), sizeof info});
}

// They tell people what a rule is for, and us which counter is which.
constexpr const char* kQueueComment = "judged";
constexpr const char* kFloodComment = "not judged: for many, and begins a connection";
constexpr const char* kVrfComment = "judged before, as it came by its own device";

void leave_out(NftBatch& batch, NftRule& rule, const char* comment) {
  batch.add_rule(kSelectedChain, rule.count().accept().comment(comment));
}

// A bridge and a multicast router copy such a packet for each receiver, and the copies share a
// connection that is not confirmed. The kernel drops a queued packet whose unconfirmed connection
// somebody else refers to (nf_ct_drop_unconfirmed()), so that nothing of a new flow would ever
// pass.
void leave_floods_out(NftBatch& batch, const OwnRulesOptions& options) {
  const Placement& placement = *options.placement;
  const auto leave = [&](auto condition) {
    NftRule rule;
    condition(rule);
    leave_out(batch, rule.begins_connection(), kFloodComment);
  };
  leave([](NftRule& rule) { rule.came_for_many(); });
  // The machine's own: IPv4 loops a copy back before the packet goes out, IPv6 does so afterwards.
  if (placement.hook != NF_INET_POST_ROUTING || options.family == NFPROTO_IPV6) return;
  for (const uint32_t type : {RTN_BROADCAST, RTN_MULTICAST})
    leave([&](NftRule& rule) {
      if (options.family == NFPROTO_INET) rule.family_is(NFPROTO_IPV4);
      rule.destination_is(type);
    });
}

// A VRF shows a packet to prerouting again, as its own, and frees what it does not get back at once
// (vrf_rcv_nfhook()). The rules met it before, as it came by its own device.
void leave_vrfs_out(NftBatch& batch) {
  NftRule rule;
  leave_out(batch, rule.in_device_kind_is("vrf"), kVrfComment);
}

void leave_out_what_would_be_lost(NftBatch& batch, const OwnRulesOptions& options) {
  const unsigned hook = options.placement->hook;
  if (hook == NF_INET_PRE_ROUTING) leave_vrfs_out(batch);
  // Without tracking there is nothing to share, and "ct" would turn it on.
  const bool may_be_copied = hook == NF_INET_FORWARD || hook == NF_INET_POST_ROUTING;
  if (may_be_copied && options.track) leave_floods_out(batch, options);
}

void add_queue_rules(NftBatch& batch, const OwnRulesOptions& options, const RuleForms& forms) {
  const Placement& placement = *options.placement;
  if (forms.leave_out) leave_out_what_would_be_lost(batch, options);
  if (placement.priority_is_id) {
    NftRule clear;
    batch.add_rule(kSelectedChain, clear.set_priority(0));
    NftRule set;
    batch.add_rule(kSelectedChain, set.set_priority_to_connection_id());
  } else if (placement.tells_zones) {
    // In zone 0 a priority that looks like ours can only be a coincidence, or a trick.
    NftRule clear;
    batch.add_rule(kSelectedChain, clear.priority_bits_are(kZoneTagMask, kZoneTag).set_priority(0));
  }
  if (placement.tells_zones) {
    NftRule zoned;
    batch.add_rule(kSelectedChain, zoned.is_in_zone().jump(kZoneChain));
  }
  NftRule queue;
  add_queue(queue.count().comment(kQueueComment), placement, forms);
  batch.add_rule(kSelectedChain, queue);
}

// For packets of other zones than 0. Where the map is full, the id goes too: rather no connection
// than another one.
void add_zone_rules(NftBatch& batch, const Placement& placement) {
  for (const ZoneSide side : {ZoneSide::both, ZoneSide::original, ZoneSide::reply}) {
    NftRule rule;
    batch.add_rule(kZoneChain, rule.zone_side_is(side).set_priority_to_zone(zone_tag(side)));
  }
  if (!placement.priority_is_id) return;
  NftRule map;
  map.map_connection_id_to_priority(kZoneMap).set_priority_to_connection_id().leave_chain();
  batch.add_rule(kZoneChain, map);
  NftRule full;
  batch.add_rule(kZoneChain, full.set_priority(0));
}

void add_own_rules(NftBatch& batch) {
  NftRule own;
  batch.add_rule(kOwnChain, own.mark_is(kOwnMark).notrack());
  NftRule track;
  batch.add_rule(kOwnChain, track.track_connections());
}

std::string note_of(const OwnRulesOptions& options) {
  if (!options.placement) return {};
  return table_note({options.placement->first_queue, options.placement->queues});
}

enum class Chains : uint8_t {
  hooked,
  unhooked,
  refilled,  ///< hooked, and what they have by now is replaced
};

void add_chains(NftBatch& batch, const OwnRulesOptions& options, const RuleForms& forms,
                Chains chains) {
  const auto hook = [chains](uint32_t number, int32_t priority) {
    return chains == Chains::unhooked ? std::nullopt : std::optional(NftHook{number, priority});
  };
  const auto add_chain = [&](const char* name, const std::optional<NftHook>& met_at) {
    batch.add_chain(name, met_at);
    if (chains == Chains::refilled) batch.delete_rules(name);
  };
  if (const auto& placement = options.placement) {
    if (placement->tells_zones) {
      add_zone_map(batch);
      add_chain(kZoneChain, std::nullopt);
      add_zone_rules(batch, *placement);
    }
    add_chain(kSelectedChain, std::nullopt);
    add_queue_rules(batch, options, forms);
    for (const GroupChain& chain : group_chains(options.selection)) {
      add_chain(chain.name.c_str(), std::nullopt);
      add_group_rules(batch, chain, kSelectedChain);
    }
    add_chain(kHookedChain, hook(placement->hook, placement->priority));
    NftRule own;
    batch.add_rule(kHookedChain, own.mark_is(kOwnMark).leave_chain());
    add_selection(batch, kHookedChain, options.selection, kSelectedChain);
  }
  if (!options.track) return;
  add_chain(kOwnChain, hook(NF_INET_LOCAL_OUT, NF_IP_PRI_RAW));
  add_own_rules(batch);
}

// A transaction that the kernel takes back, for something that it lacks or has to load a module
// for, takes its hooked chains back: what waits in any NFQUEUE goes with them. So it shows here
// first, in chains that no packet meets and that go at once.
int try_out(const NetlinkSocket& socket, const OwnRulesOptions& options, const RuleForms& forms) {
  NftBatch batch(fmt::format("{}trial_{}", kTablePrefix, socket.port()), options.family);
  batch.add_table(NFT_TABLE_F_OWNER);
  add_chains(batch, options, forms, Chains::unhooked);
  batch.delete_table();
  return batch.commit(socket);
}

/// Finds out how this kernel queues, and what else of our rules it lacks: zones, or what tells
/// floods apart.
int find_way(const NetlinkSocket& socket, OwnRulesOptions& options, RuleForms& forms) {
  forms.via = QueueVia::nft;
  int error = try_out(socket, options, forms);
  if (error == ENOENT) {
    forms.via = QueueVia::xt;
    error = try_out(socket, options, forms);
  }
  if (error == EOPNOTSUPP && options.placement && options.placement->tells_zones) {
    options.placement->tells_zones = false;
    return find_way(socket, options, forms);
  }
  if ((error != ENOENT && error != EOPNOTSUPP) || !forms.leave_out) return error;
  forms.leave_out = false;
  return find_way(socket, options, forms);
}

/// An owned table stays without its owner: NFT_TABLE_F_PERSIST, which Debian 12's headers lack.
constexpr uint32_t kTablePersists = 0x4;

/// Linux has persistent tables since 6.9.
bool has_persistent_tables(const NetlinkSocket& socket, uint8_t family) {
  NftBatch batch(fmt::format("{}trial_{}", kTablePrefix, socket.port()), family);
  batch.add_table(NFT_TABLE_F_OWNER | kTablePersists);
  batch.delete_table();
  return batch.commit(socket) == 0;
}

uint32_t table_flags(const NetlinkSocket& socket, const OwnRulesOptions& options) {
  if (!options.outlives_us) return NFT_TABLE_F_OWNER;
  const bool persists = has_persistent_tables(socket, options.family);
  return persists ? NFT_TABLE_F_OWNER | kTablePersists : 0;
}

Failure install_failure(const std::string& table, int error) {
  if (error == EPERM)
    return Failure(fmt::format(
        "nft table {}: {}; expected root or CAP_NET_ADMIN in this network namespace, and that no "
        "other process owns that table; use sudo, or try inside `unshare -Urn`",
        table, errno_text(error)));
  return Failure(
      fmt::format("nft table {}: {}; expected a kernel with nf_tables, its ct "
                  "expression, and nft queue or xt NFQUEUE",
                  table, errno_text(error)));
}

}  // namespace

Outcome<std::unique_ptr<OwnRules>> OwnRules::install(OwnRulesOptions options) {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return socket.failure();
  socket->never_wait();
  RuleForms forms;
  if (const int error = find_way(*socket, options, forms))
    return install_failure(options.table, error);
  const uint32_t flags = table_flags(*socket, options);
  std::unique_ptr<OwnRules> rules(new OwnRules(std::move(*socket), options, forms, flags));
  if (const int error = rules->replace()) return install_failure(options.table, error);
  return rules;
}

int OwnRules::replace() {
  NftBatch batch(options_.table, options_.family);
  // What a dead process left goes in the same transaction; deleting wants it to be there.
  batch.add_table(std::nullopt);
  batch.delete_table();
  batch.add_table(flags_, note_of(options_));
  add_chains(batch, options_, forms_, Chains::hooked);
  groups_ = group_chains(options_.selection).size();
  return batch.commit(socket_, &made_);
}

int OwnRules::refill() {
  NftBatch batch(options_.table, options_.family);
  batch.add_table(flags_, note_of(options_));
  add_chains(batch, options_, forms_, Chains::refilled);
  // Of a filter that was here before.
  const size_t groups = group_chains(options_.selection).size();
  for (size_t i = groups; i < groups_; ++i) {
    const std::string chain = group_chain_name(i);
    batch.add_chain(chain.c_str(), std::nullopt);  // deleting wants it to be there
    batch.delete_rules(chain.c_str());
    batch.delete_chain(chain.c_str());
  }
  NftHandles made;
  if (const int error = batch.commit(socket_, &made)) return error;
  // The kernel does not tell of a table that was there.
  if (const auto table = read_table(socket_, options_.table, options_.family);
      table && !made.table) {
    made.table = table->handles.table;
    made.flags = table->handles.flags;
  }
  made_ = std::move(made);
  groups_ = groups;
  return 0;
}

void OwnRules::stop_queueing() {
  if (!options_.placement) return;
  past_.add(count_now());
  is_queueing_ = false;
  NftBatch batch(options_.table, options_.family);
  batch.delete_rules(kHookedChain);
  batch.commit(socket_);
}

Failure OwnRules::start_queueing(OwnRulesOptions options) {
  if (options.placement)  // if the kernel has them
    options.placement->tells_zones &= options_.placement->tells_zones;
  options_ = std::move(options);
  const Failure failure = restore();
  is_queueing_ = !failure;
  return failure;
}

RuleCounts OwnRules::count_now() const {
  if (!is_queueing_) return {};
  std::optional<NftTable> table = read_table(socket_, options_.table, options_.family);
  if (!table) return {};
  return {table->counted[kQueueComment], table->counted[kFloodComment],
          table->counted[kVrfComment]};
}

RuleCounts OwnRules::counts() const {
  RuleCounts sum = past_;
  sum.add(count_now());
  return sum;
}

void OwnRules::forget_counts() { past_ = {}; }

bool OwnRules::is_intact() const {
  if (!is_queueing_) return true;
  const std::optional<NftTable> table = read_table(socket_, options_.table, options_.family);
  return table && table->handles == made_;
}

Failure OwnRules::restore() {
  past_.add(count_now());
  if (refill() == 0) return {};
  // A chain of that name is at another hook, or the table has other flags.
  const int error = replace();
  return error ? install_failure(options_.table, error) : Failure();
}

OwnRules::~OwnRules() {
  if (made_.table == 0) return;
  NftBatch batch(options_.table, options_.family);
  batch.delete_table();
  batch.commit(socket_);
}

}  // namespace nflua::queue
