// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queue_host.hpp"

#include <chrono>
#include <random>

#include "engine/state.hpp"

namespace nflua::queue {

namespace {

template <class ClockType>
int64_t nanoseconds_of() {
  return std::chrono::nanoseconds(ClockType::now().time_since_epoch()).count();
}

}  // namespace

int64_t monotonic_ns() { return nanoseconds_of<std::chrono::steady_clock>(); }
int64_t realtime_ns() { return nanoseconds_of<std::chrono::system_clock>(); }

Outcome<QueueHost> QueueHost::open(Clock& clock, Events& events, const QueueRange& served) {
  Outcome<KernelConntrack> conntrack = KernelConntrack::open();
  if (!conntrack) return conntrack.failure();
  Outcome<GroupSocket> groups = GroupSocket::open();
  if (!groups) return groups.failure();
  return QueueHost(clock, events, served, std::move(*conntrack), std::move(*groups));
}

uint32_t QueueHost::seed() { return std::random_device()(); }

Result<ConnEntry> QueueHost::find_connection(const Tuple& tuple) {
  const Result<Connection> found = conntrack_.find(tuple);
  if (!found) return found.error();
  return found->entry;
}

Result<size_t> QueueHost::send_netlink(State& state, uint32_t port, uint32_t groups,
                                       Bytes payload) {
  const Result<size_t> sent = groups_.send(state.name(), port, groups, payload);
  if (sent) events_.datagram(now_ns(), port, groups, payload);
  return sent;
}

}  // namespace nflua::queue
