// SPDX-License-Identifier: GPL-2.0-or-later
// Filters at work on live traffic: workers, named states, and the places where packets meet their
// rules. `nflua run` has one state at one place, `nflua daemon` many.
//
//   start → (create | bind | reload | … )* → stop
// Context: one thread, which is none of the workers'.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datapath/queue/named_state.hpp"
#include "datapath/queue/place.hpp"
#include "datapath/queue/rules_watch.hpp"

namespace nflua::queue {

/// Threads of a service, and queues of a place.
inline constexpr unsigned kMaxWorkers = 64;

/// Places of a service, those without rules included whose chain stays (place.hpp).
inline constexpr size_t kMaxPlaces = 64;

struct ServiceOptions {
  /// In the names of its nft tables.
  std::string name;
  unsigned workers = 1;
  /// Each packet and rule is an event too; costs time.
  bool tell_packets = false;
  /// Bytes that netlink.send() takes at a time.
  size_t max_datagram_bytes = SIZE_MAX;
  /// What netlink.send() sends from; without, the service opens a socket.
  std::optional<GroupSocket> groups;
};

/// What all queues and all states have counted.
struct ServiceSummary {
  Summary queues;
  StateSummary states;
};

/// Which rules of a state; without any of these all.
struct RuleSelection {
  std::optional<unsigned> hook;
  std::optional<QueueRange> queues;
  /// Only kind and function count.
  std::optional<Rule> rule;
};

/// Which tables of ours are looked at.
enum class RulesLook : uint8_t { where_news_is, anyway };

class Service {
 public:
  /// Borrows: `events`.
  Service(ServiceOptions options, Events& events);
  /// As stop().
  ~Service();

  Failure start();

  // States. Errors: there is none of that name, or there is already; what making or running it
  // says.
  Failure create(const std::string& name, const StateMaker& make_state);
  /// Errors also: rules refer to it.
  Failure destroy(const std::string& name);
  /// `rules`: the state's rules become these at the moment of the swap; nullptr: they stay.
  /// Borrows: `rules`, which `make_state` may fill.
  Failure reload(const std::string& name, const StateMaker& make_state,
                 const std::vector<Rule>* rules = nullptr);
  Outcome<NamedState*> find(const std::string& name);
  const std::map<std::string, std::unique_ptr<NamedState>>& states() const { return states_; }

  /// Packets of that place meet the rules from now on, behind those that are there. Returns the
  /// place. Errors also: the environment's; then nothing has changed.
  Outcome<Place*> bind(const std::string& name, const PlaceOptions& options,
                       const std::vector<Rule>& rules);
  /// Returns how many rules went. Errors also: none was meant.
  Outcome<size_t> unbind(const std::string& name, const RuleSelection& selection);
  const std::vector<std::unique_ptr<Place>>& places() const { return places_; }

  /// Readable when somebody changed nft's rules; -1: we can't be told, and can't have rules either.
  int rules_news_fd() const { return watch_ ? watch_->fd() : -1; }
  /// Puts back what others have removed or changed of our own tables. Returns what a person should
  /// know.
  std::vector<std::string> keep_rules(RulesLook look);
  /// When to call it again though there is no news.
  std::optional<int64_t> next_keep_ns() const;

  /// Of all states, by name; asks each worker only once.
  std::map<std::string, StateSummary> state_summaries();
  size_t workers() const { return workers_.size(); }
  /// Of connections.
  const Accounting& accounting() const { return accounting_; }
  ServiceSummary snapshot();
  /// Stops queueing, gives what waits and what is held a verdict by the policies, and ends. Returns
  /// what was counted.
  ServiceSummary stop();

 private:
  /// Errors: another place has such a queue.
  Failure check_queues(const PlaceOptions& options) const;
  Outcome<Place*> find_place(const PlaceOptions& options);
  void drop_places_without_table();
  std::string table_name(const PlaceOptions& options) const;

  ServiceOptions options_;
  Events& events_;
  ServedQueues served_;
  Accounting accounting_;
  std::optional<RulesWatch> watch_;
  std::atomic<uint64_t> packets_seen_{0};
  // In the order in which they need each other.
  std::vector<std::unique_ptr<Place>> places_;
  Workers workers_;
  std::map<std::string, std::unique_ptr<NamedState>> states_;
};

}  // namespace nflua::queue
