// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay_host.hpp"

#include <cstdlib>
#include <memory>
#include <new>

#include "engine/state.hpp"

namespace nflua::replay {

namespace {

constexpr int64_t kNsPerMs = 1'000'000;

struct ArmedTimer final : TimerHandle {
  Clock::TimerId id;
};

}  // namespace

void* ReplayHost::reallocate(void* block, size_t, size_t new_bytes) {
  if (new_bytes > 0) return std::realloc(block, new_bytes);
  std::free(block);
  return nullptr;
}

TimerHandle* ReplayHost::start_timer(State& state, Timer& timer, uint32_t delay_ms) try {
  auto armed = std::make_unique<ArmedTimer>();
  ArmedTimer* handle = armed.get();
  handle->id = clock_.start_timer(delay_ms * kNsPerMs, [&state, &timer, handle] {
    delete handle;
    state.run_timer(timer);
  });
  return armed.release();
} catch (const std::bad_alloc&) {
  return nullptr;
}

void ReplayHost::cancel_timer(TimerHandle* handle) {
  const std::unique_ptr<ArmedTimer> armed(static_cast<ArmedTimer*>(handle));
  clock_.cancel_timer(armed->id);
}

Result<ConnEntry> ReplayHost::find_connection(const Tuple& tuple) {
  const std::optional<ConnEntry> entry = conntrack_.find(tuple, clock_.now_ns());
  if (!entry) return Error("connid entry not found");
  return *entry;
}

Result<size_t> ReplayHost::send_netlink(State&, uint32_t port, uint32_t groups, Bytes payload) {
  events_.datagram(clock_.now_ns(), port, groups, payload);
  return payload.size();
}

}  // namespace nflua::replay
