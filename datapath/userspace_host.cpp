// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/userspace_host.hpp"

#include <cstdlib>
#include <memory>
#include <new>

#include "engine/state.hpp"

namespace nflua {

namespace {

constexpr int64_t kNsPerMs = 1'000'000;

struct ArmedTimer final : TimerHandle {
  Clock::TimerId id;
};

}  // namespace

void* UserspaceHost::reallocate(void* block, size_t, size_t new_bytes) {
  if (new_bytes > 0) return std::realloc(block, new_bytes);
  std::free(block);
  return nullptr;
}

TimerHandle* UserspaceHost::start_timer(State& state, Timer& timer, uint32_t delay_ms) try {
  auto armed = std::make_unique<ArmedTimer>();
  ArmedTimer* handle = armed.get();
  const int64_t due_ns = later(timer_start_ns(), delay_ms * kNsPerMs);
  handle->id = clock_.start_timer_at(due_ns, [&state, &timer, handle] {
    delete handle;
    state.run_timer(timer);
  });
  return armed.release();
} catch (const std::bad_alloc&) {
  return nullptr;
}

void UserspaceHost::cancel_timer(TimerHandle* handle) {
  const std::unique_ptr<ArmedTimer> armed(static_cast<ArmedTimer*>(handle));
  clock_.cancel_timer(armed->id);
}

}  // namespace nflua
