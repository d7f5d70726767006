// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/own_rules.hpp"

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netfilter/xt_bpf.h>
#include <linux/netfilter_ipv4.h>
#include <pcap/bpf.h>

#include <cerrno>

#include "datapath/queue/nft_batch.hpp"
#include "datapath/queue/table_note.hpp"
#include "datapath/queue/zone_map.hpp"

namespace nflua::queue {

namespace {

// Names that nft's language has no other use for: what it lists must load again.
constexpr const char* kQueueChain = "judge";
constexpr const char* kOwnChain = "own";
constexpr const char* kZoneChain = "zoned";

static_assert(kMaxKernelFilter == XT_BPF_MAX_NUM_INSTR);
static_assert(sizeof(bpf_insn) == sizeof(sock_filter));

void add_filter(NftRule& rule, const BpfProgram* filter) {
  if (!filter) return;
  constexpr uint32_t kRevision = 1;
  xt_bpf_info_v1 info = {};
  info.mode = XT_BPF_MODE_BYTECODE;
  info.bpf_program_num_elem = uint16_t(filter->size());
  memcpy(info.bpf_program, filter->instructions(), filter->size() * sizeof(sock_filter));
  rule.xt_match("bpf", kRevision, {reinterpret_cast<const uint8_t*>(&info), sizeof info});
}

void add_queue(NftRule& rule, const Placement& placement, QueueVia via) {
  if (via == QueueVia::nft) {
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

/// A rule for the packets that are to be queued.
NftRule begin_rule(const Placement& placement, const BpfProgram* filter) {
  NftRule rule;
  rule.in_device_is(placement.in_device).out_device_is(placement.out_device);
  add_filter(rule, filter);
  return rule;
}

void add_queue_rules(NftBatch& batch, const Placement& placement, const BpfProgram* filter,
                     QueueVia via) {
  NftRule own;
  batch.add_rule(kQueueChain, own.mark_is(kOwnMark).leave_chain());
  if (placement.priority_is_id) {
    NftRule clear = begin_rule(placement, filter);
    batch.add_rule(kQueueChain, clear.set_priority(0));
    NftRule set = begin_rule(placement, filter);
    batch.add_rule(kQueueChain, set.set_priority_to_connection_id());
  } else if (placement.tells_zones) {
    // In zone 0 a priority that looks like ours can only be a coincidence, or a trick.
    NftRule clear = begin_rule(placement, filter);
    batch.add_rule(kQueueChain, clear.priority_bits_are(kZoneTagMask, kZoneTag).set_priority(0));
  }
  if (placement.tells_zones) {
    NftRule zoned = begin_rule(placement, filter);
    batch.add_rule(kQueueChain, zoned.is_in_zone().jump(kZoneChain));
  }
  NftRule queue = begin_rule(placement, filter);
  add_queue(queue, placement, via);
  batch.add_rule(kQueueChain, queue);
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

enum class Chains : uint8_t { hooked, unhooked };

void add_chains(NftBatch& batch, const OwnRulesOptions& options, QueueVia via, Chains chains) {
  const auto hook = [chains](uint32_t number, int32_t priority) {
    return chains == Chains::hooked ? std::optional(NftHook{number, priority}) : std::nullopt;
  };
  if (const auto& placement = options.placement) {
    if (placement->tells_zones) {
      add_zone_map(batch);
      batch.add_chain(kZoneChain, std::nullopt);
      add_zone_rules(batch, *placement);
    }
    batch.add_chain(kQueueChain, hook(placement->hook, placement->priority));
    add_queue_rules(batch, *placement, options.filter.get(), via);
  }
  if (!options.track) return;
  batch.add_chain(kOwnChain, hook(NF_INET_LOCAL_OUT, NF_IP_PRI_RAW));
  add_own_rules(batch);
}

// A transaction that the kernel takes back, for something that it lacks or has to load a module
// for, takes its hooked chains back: what waits in any NFQUEUE goes with them. So it shows here
// first, in chains that no packet meets and that go at once.
int try_out(const NetlinkSocket& socket, const OwnRulesOptions& options, QueueVia via) {
  NftBatch batch(fmt::format("{}trial_{}", kTablePrefix, socket.port()), options.family);
  batch.add_table(NFT_TABLE_F_OWNER);
  add_chains(batch, options, via, Chains::unhooked);
  batch.delete_table();
  return batch.commit(socket);
}

/// Finds out how this kernel queues, and whether it has zones.
int find_way(const NetlinkSocket& socket, OwnRulesOptions& options, QueueVia& via) {
  via = QueueVia::nft;
  int error = try_out(socket, options, via);
  if (error == ENOENT) {
    via = QueueVia::xt;
    error = try_out(socket, options, via);
  }
  if (error != EOPNOTSUPP || !options.placement || !options.placement->tells_zones) return error;
  options.placement->tells_zones = false;
  return find_way(socket, options, via);
}

int commit(const NetlinkSocket& socket, const OwnRulesOptions& options, QueueVia via) {
  NftBatch batch(options.table, options.family);
  // What a dead process left goes in the same transaction; deleting wants it to be there.
  batch.add_table(0);
  batch.delete_table();
  batch.add_table(options.outlives_us ? 0 : NFT_TABLE_F_OWNER, note_of(options));
  add_chains(batch, options, via, Chains::hooked);
  return batch.commit(socket);
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
  QueueVia via = QueueVia::nft;
  int error = find_way(*socket, options, via);
  if (error == 0) error = commit(*socket, options, via);
  if (error) return install_failure(options.table, error);
  return std::unique_ptr<OwnRules>(new OwnRules(std::move(*socket), options, via));
}

void OwnRules::stop_queueing() {
  if (!options_.placement) return;
  NftBatch batch(options_.table, options_.family);
  batch.delete_rules(kQueueChain);
  batch.commit(socket_);
}

Failure OwnRules::start_queueing(OwnRulesOptions options) {
  if (!options.placement) return {};
  options.placement->tells_zones &= options_.placement->tells_zones;  // if the kernel has them
  options_ = std::move(options);
  NftBatch batch(options_.table, options_.family);
  if (options_.placement->tells_zones) {
    batch.delete_rules(kZoneChain);
    add_zone_rules(batch, *options_.placement);
  }
  add_queue_rules(batch, *options_.placement, options_.filter.get(), via_);
  const int error = batch.commit(socket_);
  return error ? install_failure(options_.table, error) : Failure();
}

OwnRules::~OwnRules() {
  NftBatch batch(options_.table, options_.family);
  batch.delete_table();
  batch.commit(socket_);
}

}  // namespace nflua::queue
