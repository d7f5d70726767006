// SPDX-License-Identifier: GPL-2.0-or-later
// A run on live traffic: its queues, its own rules, a worker for each queue.
//
//   start() → (reload() | snapshot())* → stop()
// Packets reach the scripts when start() has succeeded, until stop() begins.
// Context: one thread, which is none of the workers'.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "datapath/queue/instance_lock.hpp"
#include "datapath/queue/own_rules.hpp"
#include "datapath/queue/worker.hpp"

namespace nflua::queue {

/// Queues that one run serves.
inline constexpr unsigned kMaxWorkers = 64;

enum class IdWish : uint8_t {
  automatic,
  early,  ///< known for a connection's first packet, at the cost of its packets' priority
  late,   ///< known once the first packet has been let through
};

struct ServiceOptions {
  /// Names the state, and the table.
  std::string name;
  /// Where our own rule queues packets; without: a rule of the user's does. Its queues are chosen
  /// in start().
  std::optional<Placement> placement;
  uint8_t family = 0;
  /// The queues of a user's rule; with a placement only their number counts.
  QueueRange queues;
  QueueOptions queue;
  /// nullptr: all packets.
  const BpfProgram* filter = nullptr;
  bool track = true;
  IdWish id_wish = IdWish::automatic;
  bool tell_packets = false;
};

class Service {
 public:
  /// Borrows: `events`, and what the options borrow.
  Service(const ServiceOptions& options, Events& events, ProgramFactory make_program);
  ~Service();

  /// Errors: the environment's; what making a program throws.
  Failure start();

  /// Makes all workers' programs anew, hands them their predecessors' data, and swaps when all are
  /// ready. Errors: as start(), or the script's on_unload() or on_reload(); then the old ones go
  /// on.
  Failure reload();
  Summary snapshot();
  /// Stops queueing, gives what waits a verdict by the policy, and ends.
  Summary stop();

  const QueueRange& queues() const { return options_.queues; }
  const ServiceOptions& options() const { return options_; }
  /// Accounting of connections was off, and start() has switched it on.
  bool switched_accounting_on() const { return switched_accounting_on_; }
  /// The filter is too long for the kernel: packets outside it come here and pass.
  bool filters_here() const;

 private:
  /// Finds queues for our own rule that nobody serves or fills.
  Failure choose_queues();
  Failure open_queues(std::vector<QueueSocket>& queues) const;
  Outcome<std::vector<std::unique_ptr<Program>>> make_programs();
  Failure make_workers(std::vector<QueueSocket> queues,
                       std::vector<std::unique_ptr<Program>> programs, IdSource id_source);
  Failure install_rules(IdSource id_source);
  IdSource choose_id_source(const QueueSocket& queue) const;
  std::string table_name() const;

  ServiceOptions options_;
  Events& events_;
  ProgramFactory make_program_;
  std::atomic<uint64_t> packets_seen_{0};
  bool switched_accounting_on_ = false;
  std::unique_ptr<InstanceLock> lock_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::unique_ptr<OwnRules> rules_;
};

}  // namespace nflua::queue
