// SPDX-License-Identifier: GPL-2.0-or-later
// The nft table that a run owns: the rule that queues packets at a hook, and what its own packets
// need. The kernel removes an owned table when its process ends, however it ends, and lets nobody
// else change it. One that outlives us is owned too where the kernel can let it stay (6.9); before,
// anyone may change it.
//
//   table FAMILY nflua_NAME_HOOK {
//     comment "queues N-M"                                  (table_note.hpp)
//     chain judge { type filter hook HOOK priority P        (only with --hook)
//       meta mark kOwnMark return
//       iifname … oifname … FILTER goto selected            (one for each of its rules)
//       iifname … oifname … FILTER jump inside1             (where several begin alike)
//     }
//     chain inside1 { FILTER goto selected … }
//     chain selected {
//       … counter accept                                    (what a queue would lose)
//       meta priority set 0                                 (only where the id is asked for)
//       meta priority set ct id
//       ct zone != 0 jump zoned                             (where the kernel tells no connection)
//       counter queue num N-M
//     }
//     map zones { … }                                       (zone_map.hpp)
//     chain zoned { … update @zones { ct id : meta priority } … }
//     chain own { type filter hook output priority raw
//       meta mark kOwnMark notrack
//       ct state invalid,established,…                      (any: turns conntrack on)
//     }
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "datapath/queue/netlink_socket.hpp"
#include "datapath/queue/nft_batch.hpp"
#include "datapath/queue/selection.hpp"

namespace nflua::queue {

/// On packets that we send through the IP layer, so that they never come back to our queue.
inline constexpr uint32_t kOwnMark = 0x6e66'6c75;

/// Where packets are queued.
struct Placement {
  unsigned hook = 0;
  int32_t priority = 0;
  /// Names, which may end in * or + for any rest; empty: any device.
  std::string in_device;
  std::string out_device;
  uint16_t first_queue = 0;
  uint16_t queues = 1;
  /// Without a listener packets pass.
  bool fail_open = true;
  /// The connection's id travels in the packet's priority.
  bool priority_is_id = false;
  /// So does the zone of a packet that is not in zone 0, or it is in the map (zone_map.hpp).
  bool tells_zones = false;

  friend bool operator==(const Placement&, const Placement&) = default;
};

/// What our rules have counted of the packets that they are meant for.
struct RuleCounts {
  uint64_t queued = 0;
  // Left out, since the kernel would have lost them in a queue.
  uint64_t floods = 0;      ///< copied for many receivers, and begins a connection
  uint64_t vrf_passes = 0;  ///< at prerouting a second time, as a VRF's

  void add(const RuleCounts& other) {
    queued += other.queued;
    floods += other.floods;
    vrf_passes += other.vrf_passes;
  }
};

/// How the kernel can be told to queue.
enum class QueueVia : uint8_t { nft, xt };

/// What of our rules the kernel understands.
struct RuleForms {
  QueueVia via = QueueVia::nft;
  bool leave_out = true;
};

struct OwnRulesOptions {
  /// Starts with kTablePrefix.
  std::string table;
  uint8_t family = 0;
  std::optional<Placement> placement;
  /// Which packets are placed so.
  Selection selection;
  /// Packets belong to connections.
  bool track = true;
  /// The table stays when the process dies without removing it.
  bool outlives_us = false;
};

class OwnRules {
 public:
  /// Replaces a table of that name that a dead process left. Errors: no permission, no nft in the
  /// kernel, owned by another process.
  static Outcome<std::unique_ptr<OwnRules>> install(OwnRulesOptions options);

  OwnRules(const OwnRules&) = delete;
  OwnRules& operator=(const OwnRules&) = delete;
  /// Removes the table.
  ~OwnRules();

  const std::string& table() const { return options_.table; }

  /// Packets pass from now on; what waits in the queue stays there.
  /// (The kernel drops that as soon as the chain goes, so the chain goes later.)
  void stop_queueing();
  /// Packets are queued again, perhaps others, by another filter, into the same queues. Requires:
  /// stop_queueing() was called; table, family, hook and priority are as they were.
  Failure start_queueing(OwnRulesOptions options);

  /// Since they were installed, or forgotten.
  RuleCounts counts() const;
  /// Requires: stop_queueing() was called.
  void forget_counts();

  /// Whether the table, while packets are queued, is what we made. Others may change one that
  /// outlives us (on kernels before 6.9), and with it what `nft flush ruleset` takes away.
  bool is_intact() const;
  /// Makes it so again. What is still there of its chains stays, since a chain that goes takes
  /// along what waits in all queues.
  Failure restore();

 private:
  OwnRules(NetlinkSocket socket, OwnRulesOptions options, const RuleForms& forms, uint32_t flags)
      : socket_(std::move(socket)), options_(std::move(options)), forms_(forms), flags_(flags) {}

  RuleCounts count_now() const;

  // Both return 0 or an errno.
  /// The table as it should be, instead of what is there of it.
  int replace();
  /// The table as it should be, by what is there of it.
  int refill();

  /// Owns the table.
  NetlinkSocket socket_;
  OwnRulesOptions options_;
  RuleForms forms_;
  /// Of the table.
  uint32_t flags_;
  bool is_queueing_ = true;
  /// Chains of groups of a filter's rules (filter_rules.hpp) that were made last.
  size_t groups_ = 0;
  /// Of what we made last.
  NftHandles made_;
  /// By rules that have gone.
  RuleCounts past_;
};

}  // namespace nflua::queue
