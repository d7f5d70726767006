// SPDX-License-Identifier: GPL-2.0-or-later
// Where packets come from: a range of queues, filled by a rule of our own at a hook or by rules of
// the user's; the rules of states that they meet there, in the order in which they were bound.
//
//   create → (bind | unbind)* → stop_queueing → drain → ~Place
// It serves its queues while it has rules. Its nft table stays when it has none any more: a chain
// that goes takes along what waits in all NFQUEUEs of the network namespace.
// Context: one thread, which is none of the workers'.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datapath/queue/accounting.hpp"
#include "datapath/queue/instance_lock.hpp"
#include "datapath/queue/named_state.hpp"
#include "datapath/queue/own_rules.hpp"
#include "datapath/queue/queue_server.hpp"
#include "datapath/queue/rules_keeper.hpp"

namespace nflua::queue {

enum class IdWish : uint8_t {
  automatic,
  early,  ///< known for a connection's first packet, at the cost of its packets' priority
  late,   ///< known once the first packet has been let through
};

struct PlaceOptions {
  /// Where our own rule queues packets; without: a rule of the user's does.
  std::optional<Placement> placement;
  uint8_t family = 0;
  /// Of a user's rule. With a placement they are chosen when they are needed, one a worker.
  QueueRange queues;
  QueueOptions queue;
  /// A capture filter, and the same compiled; empty and nullptr: all packets.
  std::string filter;
  std::shared_ptr<const BpfProgram> filter_program;
  bool track = true;
  IdWish id_wish = IdWish::automatic;

  friend bool operator==(const PlaceOptions& left, const PlaceOptions& right);
};

struct BoundRule {
  NamedState* state = nullptr;
  Rule rule;
};

/// Rules of a place: a packet may meet all of them, each with a whole budget.
inline constexpr size_t kMaxRulesOfPlace = 64;

/// What all places share. Borrows: all of it.
struct PlaceServices {
  Workers& workers;
  Events& events;
  ServedQueues& served;
  Accounting& accounting;
  /// Numbers the packets of all queues.
  std::atomic<uint64_t>& packets_seen;
  /// Each packet is an event too.
  bool tell_packets = false;
};

class Place {
 public:
  Place(const PlaceOptions& options, std::string table, const PlaceServices& services);

  const PlaceOptions& options() const { return options_; }
  const std::string& table() const { return table_; }
  /// With a placement: once they were chosen.
  const QueueRange& queues() const { return options_.queues; }
  /// "forward", "queues 5-8".
  std::string name() const;
  /// What serves it now: "queues 20000-20001 at forward, priority 0".
  std::string description() const;
  const std::vector<BoundRule>& rules() const { return rules_; }
  bool is_served() const { return !servers_.empty(); }
  bool has_table() const { return own_rules_ != nullptr; }
  bool refers_to(const NamedState& state) const;
  /// Nothing is bound here any more, nothing is held, and its table can serve for that place.
  bool can_become(const PlaceOptions& options) const;
  /// Requires: can_become(). What was counted for the old place goes with it.
  void become(const PlaceOptions& options);

  /// Puts rules behind those that are there. Errors: the environment's; then nothing has changed.
  Failure bind(NamedState& state, const std::vector<Rule>& rules);
  /// Takes the state's rules away that `is_meant`. Returns how many.
  size_t unbind(const NamedState& state, const std::function<bool(const Rule&)>& is_meant);
  /// In the worker's thread, as a part of swapping replicas: the state's rules become these.
  void replace_rules_in(Worker& worker, NamedState& state, const std::vector<Rule>& rules);
  /// For all workers, once they have swapped.
  void set_rules(NamedState& state, const std::vector<Rule>& rules);

  Summary summary() const;

  /// Looks at our own table, and puts it back if others have changed it (rules_keeper.hpp).
  std::string keep_rules(const std::string& program);
  std::optional<int64_t> next_keep_ns() const { return keeper_.next_ns(); }

  // The end, of all places at once: stop_queueing() each, then drain() each.
  void stop_queueing();
  void drain();

  /// The kernel can't be told the filter: packets outside it come here and pass.
  bool filters_here() const;
  /// Our rule has the filter's program itself, which nft lists and can't load.
  bool has_program_in_rule() const;

 private:
  struct Served {
    Worker& worker;
    QueueServer& server;
  };
  Worker& worker_of(uint16_t queue) const;
  bool serves(uint16_t queue) const;

  Failure serve();
  void end();
  /// Finds queues for our own rule that nobody serves or fills.
  Failure choose_queues();
  /// Servers of which something is still held serve again.
  void revive_servers();
  /// Those that no server has.
  Outcome<std::vector<QueueSocket>> open_queues() const;
  IdSource choose_id_source(const QueueSocket& queue) const;
  /// Messages don't.
  bool rule_tells_zones() const;
  Failure make_servers(std::vector<QueueSocket> queues);
  Failure fill_queues();
  OwnRulesOptions rules_options() const;
  std::vector<SeatedRule> seated(const std::vector<BoundRule>& rules, const Worker& worker) const;
  void update_servers();

  PlaceOptions options_;
  std::optional<std::vector<FilterGroup>> filter_rules_;
  std::string table_;
  PlaceServices services_;
  std::vector<BoundRule> rules_;
  std::unique_ptr<InstanceLock> lock_;
  bool queues_are_chosen_ = false;
  /// Our queues are in services_.served.
  bool is_registered_ = false;
  IdSource id_source_ = IdSource::none;
  std::unique_ptr<OwnRules> own_rules_;
  RulesKeeper keeper_;
  std::vector<Served> servers_;
  /// Of servers that have ended; also of those whose last held packet outlives us.
  std::shared_ptr<PastSummary> past_ = std::make_shared<PastSummary>();
};

}  // namespace nflua::queue
