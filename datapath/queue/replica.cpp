// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/replica.hpp"

namespace nflua::queue {

Replica::Replica(const World& world) : host(clock, world) { clock.advance(monotonic_ns()); }

Outcome<std::unique_ptr<Replica>> make_replica(const World& world, const StateMaker& make_state,
                                               uint32_t worker, PrintedText& printed) {
  auto replica = std::make_unique<Replica>(world);
  replica->host.copy_prints_to(&printed);
  Outcome<OwnedState> state = make_state(replica->host, worker);
  if (!state) return state.failure();
  replica->host.copy_prints_to(nullptr);
  replica->state = std::move(*state);
  return replica;
}

}  // namespace nflua::queue
