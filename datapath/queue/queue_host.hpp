// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's world on live traffic: the machine's time, conntrack and netlink. A replica has one
// of its own, so that a script can be loaded in one thread while another one runs its predecessor.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "datapath/events.hpp"
#include "datapath/queue/group_socket.hpp"
#include "datapath/queue/kernel_conntrack.hpp"
#include "datapath/queue/served_queues.hpp"
#include "datapath/userspace_host.hpp"

namespace nflua::queue {

/// Nanoseconds of the clock that only runs forward, in which timers run.
int64_t monotonic_ns();
/// Nanoseconds since the epoch.
int64_t realtime_ns();

/// Of a state, over all its replicas. Who sends holds the mutex: numbers arrive in their order.
struct DatagramCounter {
  std::mutex mutex;
  uint32_t last = 0;
};

/// What the replicas of a state share. Borrows: all of it.
struct World {
  Events& events;
  const ServedQueues& served;
  const GroupSocket& groups;
  size_t max_datagram_bytes;
  DatagramCounter& datagrams;
};

class Worker;

/// What a chunk printed, for whoever had it run; the log has it as well.
class PrintedText {
 public:
  /// Of more, only the beginning is kept, and a last line that says so.
  static constexpr size_t kMaxBytes = 16'384;

  /// `prefix`: begins each of its lines.
  explicit PrintedText(std::string prefix = {}) : prefix_(std::move(prefix)) {}

  void add(Text line);
  void add(const PrintedText& other);
  const std::string& text() const { return text_; }

 private:
  void append(std::string_view text);

  std::string prefix_;
  std::string text_;
};

class QueueHost final : public UserspaceHost {
 public:
  /// Borrows: `clock`, what `world` refers to.
  QueueHost(Clock& clock, const World& world) : UserspaceHost(clock), world_(world) {}

  int64_t now_ns() override { return realtime_ns(); }
  uint32_t seed() override;
  Result<ConnEntry> find_connection(const Tuple& tuple) override;
  Result<size_t> send_netlink(State& state, uint32_t port, uint32_t groups, Bytes payload) override;
  /// From now on scripts run in that worker's thread, for the packet that it judges.
  void move_to(const Worker& worker) { worker_ = &worker; }
  bool serves_queue(uint16_t number) override { return world_.served.has(number); }
  void report(const Report& report) override;
  /// From now on `printed` has what the script prints, too; nullptr: no more. Borrows: `printed`.
  void copy_prints_to(PrintedText* printed) { printed_ = printed; }

 private:
  int64_t timer_start_ns() override { return monotonic_ns(); }

  World world_;
  /// nullptr: the script is being loaded elsewhere.
  const Worker* worker_ = nullptr;
  /// Open once a script has asked: few do, and a daemon has many states.
  std::optional<KernelConntrack> conntrack_;
  PrintedText* printed_ = nullptr;
};

}  // namespace nflua::queue
