// SPDX-License-Identifier: GPL-2.0-or-later
// The place of a state in one worker: the replica that runs there now, and its timers.
//
// Context: the worker's thread. After any call of the script there: after_call().
#pragma once

#include <asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "datapath/queue/replica.hpp"
#include "datapath/queue/summary.hpp"
#include "datapath/queue/worker.hpp"

namespace nflua::queue {

/// A message for the state's __receive_callback.
struct Delivery {
  uint32_t port = 0;
  std::vector<uint8_t> bytes;
  /// Called once, in the worker's thread: what failed, and how long it took.
  std::function<void(Failure failure, int64_t took_ns)> done;
};

class Seat {
 public:
  /// Borrows: `worker`.
  Seat(Worker& worker, std::unique_ptr<Replica> replica);
  /// Closes the state. What it was not given yet has failed.
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  Worker& worker() { return worker_; }
  State& state() { return *replica_->state; }
  QueueHost& host() { return replica_->host; }

  /// From now on `next` is the replica; what the old one holds goes by the policy.
  void adopt(std::unique_ptr<Replica> next);
  /// Runs timers that are due, and arms for the next one.
  void run_timers();
  /// Timers, and verdicts of packets that the script let go.
  void after_call();
  /// Gives it to the state behind those that wait; packets get their turn between.
  void deliver(Delivery delivery);

  /// Of all replicas that were here.
  StateSummary summary() const;

 private:
  void close();
  void deliver_soon();
  void deliver_some();
  void deliver_first();

  Worker& worker_;
  std::unique_ptr<Replica> replica_;
  asio::steady_timer timer_;
  /// What timer_ waits for.
  int64_t armed_ns_ = INT64_MAX;
  /// Of the replicas before this one.
  StateCounters past_;
  std::deque<Delivery> inbox_;
  /// Gone when a handler that asio has queued runs too late.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace nflua::queue
