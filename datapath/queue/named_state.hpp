// SPDX-License-Identifier: GPL-2.0-or-later
// A state of a service: a name, and a replica in each worker.
//
//   create → (execute | evaluate | reload | receive | set_limits | summary)* → ~NamedState
// What reaches it runs in each replica, between two packets of its worker.
// Context: one thread, which is none of the workers'.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datapath/queue/seat.hpp"

namespace nflua::queue {

using Workers = std::vector<std::unique_ptr<Worker>>;

/// What the replicas of all states share. Borrows: all of it.
struct Surroundings {
  Events& events;
  const ServedQueues& served;
  const GroupSocket& groups;
  size_t max_datagram_bytes;
};

class NamedState {
 public:
  /// Borrows: `workers`, what `around` refers to. Errors: of `make_state`.
  static Outcome<std::unique_ptr<NamedState>> create(const std::string& name, Workers& workers,
                                                     const Surroundings& around,
                                                     const StateMaker& make_state);
  /// Cancels timers; held packets go by the policy of their queue. Requires: no rule refers to it.
  ~NamedState();
  NamedState(const NamedState&) = delete;
  NamedState& operator=(const NamedState&) = delete;

  const std::string& name() const { return name_; }
  size_t replicas() const { return seats_.size(); }
  Seat& seat(const Worker& worker) { return *seats_[worker.number() - 1]; }

  /// Errors: the script's, from the first replica where the chunk fails; the later ones don't run
  /// it.
  Failure execute(const std::string& source, const std::string& chunk_name);
  /// Returns the results' text, the first replica's.
  Outcome<std::string> evaluate(const std::string& source, const std::string& chunk_name);
  /// Makes all replicas anew, hands them their predecessors' data, and swaps when all are ready.
  /// `swapped`: called in each worker right after. Errors: of `make_state`, or the script's
  /// on_unload() or on_reload(); then the old ones go on.
  Failure reload(const StateMaker& make_state, const std::function<void(Worker&)>& swapped = {});
  /// What the chunk of the last execute(), evaluate() or reload() printed.
  const std::string& printed() const { return printed_.text(); }
  /// Does not wait. `done` is called once, in a worker's thread, with the first failure and the
  /// time that the slowest replica took.
  void receive(uint32_t port, const std::vector<uint8_t>& message,
               std::function<void(Failure failure, int64_t took_ns)> done);

  /// Whether that global is a function now.
  bool has_function(const char* function);
  const Limits& limits() const { return limits_; }
  void set_limits(const Limits& limits);
  StateSummary summary();

 private:
  NamedState(std::string name, Workers& workers, const Surroundings& around);
  Outcome<std::vector<std::unique_ptr<Replica>>> make_replicas(const StateMaker& make_state);
  PrintedText printed_in(uint32_t worker) const;
  /// In each replica until one fails.
  Failure run_in_each(const std::function<Failure(Seat&)>& run);

  std::string name_;
  Limits limits_;
  Workers& workers_;
  Surroundings around_;
  /// Goes on over reloads.
  DatagramCounter datagrams_;
  PrintedText printed_;
  /// By worker.
  std::vector<std::unique_ptr<Seat>> seats_;
};

}  // namespace nflua::queue
