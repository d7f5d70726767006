// SPDX-License-Identifier: GPL-2.0-or-later
// What judges a worker's packets: one state with its rules, and the world that the state lives in.
// A reload replaces it as a whole.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "datapath/clock.hpp"
#include "datapath/owned_state.hpp"
#include "datapath/queue/queue_host.hpp"

namespace nflua::queue {

/// The members stand in the order in which they need each other.
struct Program {
  explicit Program(QueueHost host_, std::unique_ptr<Clock> clock_)
      : clock(std::move(clock_)), host(std::move(host_)) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::unique_ptr<Clock> clock;
  QueueHost host;
  OwnedState state;
  std::vector<Rule> rules;
};

/// Opens the world of a program that has no state yet. Borrows: `events`.
Outcome<std::unique_ptr<Program>> open_program(Events& events, const QueueRange& served);

/// Makes the program of the worker of that number (from 1). It may throw what its owner catches.
using ProgramFactory =
    std::function<Outcome<std::unique_ptr<Program>>(uint32_t worker, const QueueRange& served)>;

}  // namespace nflua::queue
