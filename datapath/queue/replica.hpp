// SPDX-License-Identifier: GPL-2.0-or-later
// One VM of a state, and the world that it lives in. Each worker has one of each state; a reload
// replaces it as a whole.
#pragma once

#include <functional>
#include <memory>

#include "datapath/clock.hpp"
#include "datapath/owned_state.hpp"
#include "datapath/queue/queue_host.hpp"

namespace nflua::queue {

/// Makes the state of the worker of that number (from 1) in the world of a replica. It may throw
/// what its owner catches.
using StateMaker = std::function<Outcome<OwnedState>(Host& host, uint32_t worker)>;

/// The members stand in the order in which they need each other.
struct Replica {
  explicit Replica(const World& world);
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  Clock clock;
  QueueHost host;
  OwnedState state;
};

/// `printed` gets what the script prints meanwhile. Borrows: what `world` refers to.
Outcome<std::unique_ptr<Replica>> make_replica(const World& world, const StateMaker& make_state,
                                               uint32_t worker, PrintedText& printed);

}  // namespace nflua::queue
