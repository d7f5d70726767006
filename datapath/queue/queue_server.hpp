// SPDX-License-Identifier: GPL-2.0-or-later
// One queue in its worker: its packets meet a list of rules, and each gets a verdict.
//
//   serve → (packets | replace_rules | summary)* → drain
// Owns: the queue's socket, what packets need besides their message. Borrows: the worker, the seats
// that its rules refer to. Context: the worker's thread, but for create() and the destructor of
// what never served.
#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <atomic>
#include <memory>
#include <vector>

#include "datapath/bpf_program.hpp"
#include "datapath/queue/devices.hpp"
#include "datapath/queue/kernel_conntrack.hpp"
#include "datapath/queue/mss_table.hpp"
#include "datapath/queue/queue_packet.hpp"
#include "datapath/queue/queue_socket.hpp"
#include "datapath/queue/reply_sender.hpp"
#include "datapath/queue/seat.hpp"
#include "datapath/queue/summary.hpp"
#include "datapath/queue/worker.hpp"

namespace nflua::queue {

struct ServerOptions {
  /// Packets that nobody judges any more pass, else they are dropped.
  bool fail_open = true;
  IdSource id_source = IdSource::look_up;
  /// Our own table, whose rule tells zones; empty: nobody tells them.
  std::string zone_table;
  uint8_t family = 0;
  /// Judged before the rules; nullptr: the kernel does it, or there is none.
  const BpfProgram* filter = nullptr;
  /// Each packet and rule is an event too; costs time.
  bool tell_packets = false;
};

/// A rule of a state, in one worker.
struct SeatedRule {
  Seat* seat = nullptr;
  Rule rule;
};

class QueueServer final : private Exits, private RuleObserver {
 public:
  /// Borrows: `worker`, `events`, the filter, `packets_seen`, which numbers the packets of all
  /// servers.
  static Outcome<std::unique_ptr<QueueServer>> create(Worker& worker, QueueSocket queue,
                                                      const ServerOptions& options, Events& events,
                                                      std::atomic<uint64_t>& packets_seen);
  ~QueueServer();

  uint16_t number() const { return queue_.number(); }
  void serve();
  /// From the next packet on. A rule that was there before goes on counting.
  void replace_rules(const std::vector<SeatedRule>& rules);
  /// A seat has another replica.
  void renew_rules();
  /// Sends the verdicts that wait.
  void flush();
  Summary summary() const;
  /// From now on nobody judges: what waits, comes, or is held goes by the policy.
  void drain();
  /// After drain(): packets meet rules again, of which there are none yet.
  void resume();
  bool holds_packets() const { return summary_.held > 0; }

 private:
  QueueServer(Worker& worker, QueueSocket queue, const ServerOptions& options, Events& events,
              std::atomic<uint64_t>& packets_seen, Devices devices, KernelConntrack conntrack,
              std::optional<ZoneMap> zones);

  void take_counters(const Seat* seat, Rule& rule);
  void wait_for_packets();
  void wait_for_device_news();
  void read_packets();
  void after_bulk();
  void handle(const nlmsghdr& message);
  void judge(const QueuedPacket& packet);
  Decision run_rules_timed();
  void carry_out(const Decision& decision);
  void answer_unseen(const QueuedPacket& packet, PacketCount& fate, uint32_t verdict);
  void answer(const QueuePacket& packet, uint32_t verdict);
  /// Of what nobody judges.
  uint32_t policy_verdict() const;
  KernelVerdict verdict_for(const QueuePacket& packet, uint32_t verdict) const;

  Error send_reply(QueuePacket& to, const Reply& reply) override;
  void add_held() override { ++summary_.held; }
  Error send_held(std::unique_ptr<QueuePacket> packet, const Bytes* payload) override;
  void drop_held(std::unique_ptr<QueuePacket> packet) override;
  void end_held(const QueuePacket& packet, HeldEnd end, Bytes ip);
  void rule_ran(const Rule& rule, Verdict verdict) override;

  Worker& worker_;
  QueueSocket queue_;
  ServerOptions options_;
  Events& events_;
  std::atomic<uint64_t>& packets_seen_;
  Devices devices_;
  KernelConntrack conntrack_;
  std::optional<ZoneMap> zones_;
  MssTable mss_;
  ReplySender replies_;
  VerdictWriter verdicts_;
  QueuePacket packet_;
  asio::posix::stream_descriptor readable_;
  asio::posix::stream_descriptor device_news_;
  /// When the last packet had its verdict, or the bulk that is being judged began.
  int64_t judged_ns_ = 0;
  /// When the first of the verdicts that wait in verdicts_ was reached.
  int64_t oldest_verdict_ns_ = 0;
  bool is_draining_ = false;
  Summary summary_;
  std::vector<uint8_t> scratch_;
  std::vector<Rule> rules_;
  /// Of each rule.
  std::vector<Seat*> seats_;
  /// Gone when a handler that asio has queued runs too late.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace nflua::queue
