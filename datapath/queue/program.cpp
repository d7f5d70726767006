// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/program.hpp"

namespace nflua::queue {

Outcome<std::unique_ptr<Program>> open_program(Events& events, const QueueRange& served) {
  auto clock = std::make_unique<Clock>();
  clock->advance(monotonic_ns());
  Outcome<QueueHost> host = QueueHost::open(*clock, events, served);
  if (!host) return host.failure();
  return std::make_unique<Program>(std::move(*host), std::move(clock));
}

}  // namespace nflua::queue
