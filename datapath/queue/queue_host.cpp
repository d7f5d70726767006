// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queue_host.hpp"

#include <cerrno>
#include <chrono>
#include <random>

#include "datapath/queue/queue_packet.hpp"
#include "datapath/queue/worker.hpp"
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

void PrintedText::add(Text line) { append(prefix_ + std::string(line.data(), line.size()) + '\n'); }

void PrintedText::add(const PrintedText& other) { append(other.text_); }

void PrintedText::append(std::string_view text) {
  constexpr std::string_view kCutOff = "...\n";
  text_ += text;
  if (text_.size() <= kMaxBytes) return;
  text_.resize(kMaxBytes - kCutOff.size());
  text_ += kCutOff;
}

void QueueHost::report(const Report& report) {
  world_.events.log(now_ns(), report);
  if (printed_ && report.kind == ReportKind::print) printed_->add(report.text);
}

uint32_t QueueHost::seed() { return std::random_device()(); }

Result<ConnEntry> QueueHost::find_connection(const Tuple& tuple) {
  if (!conntrack_) {
    Outcome<KernelConntrack> opened = KernelConntrack::open();
    if (!opened) return errno_error(errno);
    conntrack_.emplace(std::move(*opened));
  }
  QueuePacket* packet = worker_ ? worker_->judged_packet() : nullptr;
  const Result<Connection> found = conntrack_->find(tuple, packet ? packet->zone() : Zone());
  if (!found) return found.error();
  return found->entry;
}

Result<size_t> QueueHost::send_netlink(State& state, uint32_t port, uint32_t groups,
                                       Bytes payload) {
  if (payload.size() > world_.max_datagram_bytes) return errno_error(EMSGSIZE);
  const Result<size_t> sent = [&] {
    const std::lock_guard lock(world_.datagrams.mutex);
    return world_.groups.send({state.name(), ++world_.datagrams.last}, port, groups, payload);
  }();
  if (sent) world_.events.datagram(now_ns(), port, groups, payload);
  return sent;
}

}  // namespace nflua::queue
