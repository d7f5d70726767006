// SPDX-License-Identifier: GPL-2.0-or-later
// One thread with one queue and one program: reads packets in bulk, lets the rules judge each,
// sends the verdicts, runs the timers in between.
//
//   create → run() in its thread; meanwhile swap(), snapshot() from another one → drain() → join
// Context: the public functions that say "any thread" post to the worker's own; all else runs
// there.
#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <future>
#include <memory>

#include "datapath/bpf_program.hpp"
#include "datapath/queue/program.hpp"
#include "datapath/queue/queue_packet.hpp"
#include "datapath/queue/queue_socket.hpp"
#include "datapath/queue/reply_sender.hpp"
#include "datapath/queue/summary.hpp"

namespace nflua::queue {

struct WorkerOptions {
  /// Packets that wait when the run ends pass, else they are dropped.
  bool fail_open = true;
  IdSource id_source = IdSource::look_up;
  /// Judged before the rules; nullptr: the kernel does it, or there is none.
  const BpfProgram* filter = nullptr;
  /// Each packet and rule is an event too; costs time.
  bool tell_packets = false;
};

class Worker final : private Exits, private RuleObserver {
 public:
  /// Borrows: `events`, the filter, `packets_seen`, which numbers the packets of all workers.
  static Outcome<std::unique_ptr<Worker>> create(QueueSocket queue, const WorkerOptions& options,
                                                 Events& events,
                                                 std::atomic<uint64_t>& packets_seen,
                                                 std::unique_ptr<Program> program);
  ~Worker();

  /// Serves the queue until drain() has ended.
  void run();

  // Any thread.
  /// Hands the running program's data to `next`; tells whether that worked, and stands still until
  /// `go`. If that is true, `next` judges from the next packet on, and what the old program holds
  /// goes by the policy; else the old program goes on.
  std::future<Failure> replace_program(std::unique_ptr<Program> next, std::shared_future<bool> go);
  /// Waits until it is taken.
  Summary snapshot();
  /// Does not wait: closes the program, gives what waits a verdict by the policy, ends
  /// run().
  void drain();
  /// Requires: run() has returned.
  const Summary& last_summary() const { return last_summary_; }

 private:
  Worker(QueueSocket queue, const WorkerOptions& options, Events& events,
         std::atomic<uint64_t>& packets_seen, Devices devices, KernelConntrack conntrack);

  void wait_for_packets();
  void wait_for_device_news();
  void read_packets();
  void handle(const nlmsghdr& message);
  void judge(const QueuedPacket& packet);
  Decision run_rules_timed();
  void carry_out(const Decision& decision);
  void answer_unseen(const QueuedPacket& packet, PacketCount& fate, uint32_t verdict);
  void answer(const QueuePacket& packet, uint32_t verdict);
  /// Of what nobody judges.
  uint32_t policy_verdict() const;
  KernelVerdict verdict_for(const QueuePacket& packet, uint32_t verdict) const;
  void flush();
  void run_timers();
  void close_program();
  void adopt(std::unique_ptr<Program> next);
  /// Adds what the running program counts.
  void add_program(Summary& summary) const;
  Summary take_summary() const;

  Error send_reply(QueuePacket& to, const Reply& reply) override;
  void add_held() override { ++summary_.held; }
  Error send_held(std::unique_ptr<QueuePacket> packet, const Bytes* payload) override;
  void drop_held(std::unique_ptr<QueuePacket> packet) override;
  void end_held(const QueuePacket& packet, HeldEnd end, Bytes ip);
  void rule_ran(const Rule& rule, Verdict verdict) override;

  asio::io_context io_{1};
  QueueSocket queue_;
  WorkerOptions options_;
  Events& events_;
  std::atomic<uint64_t>& packets_seen_;
  Devices devices_;
  KernelConntrack conntrack_;
  MssTable mss_;
  ReplySender replies_;
  VerdictWriter verdicts_;
  QueuePacket packet_;
  asio::posix::stream_descriptor readable_;
  asio::posix::stream_descriptor device_news_;
  asio::steady_timer timer_;
  /// What timer_ waits for.
  int64_t armed_ns_ = INT64_MAX;
  /// When the last packet had its verdict, or the bulk that is being judged began.
  int64_t judged_ns_ = 0;
  /// When the first of the verdicts that wait in verdicts_ was reached.
  int64_t oldest_verdict_ns_ = 0;
  /// The program is being closed: what it holds goes by the policy.
  bool is_closing_ = false;
  Summary summary_;
  Summary last_summary_;
  std::vector<uint8_t> scratch_;
  std::unique_ptr<Program> program_;
};

}  // namespace nflua::queue
