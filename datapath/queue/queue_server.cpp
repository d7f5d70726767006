// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/queue_server.hpp"

#include <linux/if_ether.h>
#include <linux/netfilter.h>

#include <algorithm>

#include "datapath/made_packet.hpp"
#include "datapath/queue/kernel_counters.hpp"
#include "datapath/queue/priority.hpp"

namespace nflua::queue {

namespace {

/// Bulks that are read before other things get their turn.
constexpr int kMaxBulks = 16;

/// Bulks that get their verdict when the run ends: a rule of the user's may go on queueing.
constexpr int kMaxLastBulks = 4096;

/// Verdicts don't wait longer than that for others to go with them, though callbacks be slow.
constexpr int64_t kMaxVerdictDelayNs = 1'000'000;

// NF_STOP skips what is left of a hook. At the last hook on a packet's way that is source NAT and
// the confirming of its connection, without which conntrack never knows it.
// Source: ipv4_conntrack_ops in net/netfilter/nf_conntrack_proto.c.
uint32_t stop_verdict(unsigned hook) {
  const bool is_last = hook == NF_INET_LOCAL_IN || hook == NF_INET_POST_ROUTING;
  return is_last ? NF_ACCEPT : NF_STOP;
}

uint32_t kernel_verdict(const Verdict& verdict, unsigned hook) {
  switch (verdict.kind) {
    case VerdictKind::drop:
      return NF_DROP;
    case VerdictKind::queue:
      return NF_QUEUE_NR(verdict.queue);
    case VerdictKind::stop:
      return stop_verdict(hook);
    default:
      return NF_ACCEPT;
  }
}

bool is_ip(const QueuedPacket& packet) {
  return packet.protocol == ETH_P_IP || packet.protocol == ETH_P_IPV6;
}

}  // namespace

Outcome<std::unique_ptr<QueueServer>> QueueServer::create(Worker& worker, QueueSocket queue,
                                                          const ServerOptions& options,
                                                          Events& events,
                                                          std::atomic<uint64_t>& packets_seen) {
  Outcome<Devices> devices = Devices::open();
  if (!devices) return devices.failure();
  Outcome<KernelConntrack> conntrack = KernelConntrack::open();
  if (!conntrack) return conntrack.failure();
  std::optional<ZoneMap> zones;
  if (!options.zone_table.empty()) {
    Outcome<ZoneMap> opened = ZoneMap::open(options.zone_table, options.family);
    if (!opened) return opened.failure();
    zones.emplace(std::move(*opened));
  }
  return std::unique_ptr<QueueServer>(new QueueServer(worker, std::move(queue), options, events,
                                                      packets_seen, std::move(*devices),
                                                      std::move(*conntrack), std::move(zones)));
}

QueueServer::QueueServer(Worker& worker, QueueSocket queue, const ServerOptions& options,
                         Events& events, std::atomic<uint64_t>& packets_seen, Devices devices,
                         KernelConntrack conntrack, std::optional<ZoneMap> zones)
    : worker_(worker),
      queue_(std::move(queue)),
      options_(options),
      events_(events),
      packets_seen_(packets_seen),
      devices_(std::move(devices)),
      conntrack_(std::move(conntrack)),
      zones_(std::move(zones)),
      verdicts_(queue_.number()),
      packet_({*this, devices_, conntrack_, mss_, options.id_source, zones_ ? &*zones_ : nullptr}),
      readable_(worker.io(), queue_.fd()),
      device_news_(worker.io(), devices_.fd()) {}

// The descriptors belong to the sockets.
QueueServer::~QueueServer() {
  readable_.release();
  device_news_.release();
}

void QueueServer::serve() {
  wait_for_packets();
  wait_for_device_news();
}

void QueueServer::wait_for_packets() {
  readable_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [this, alive = std::weak_ptr(alive_)](std::error_code error) {
                         if (error || alive.expired()) return;
                         read_packets();
                         wait_for_packets();
                       });
}

void QueueServer::wait_for_device_news() {
  device_news_.async_wait(asio::posix::stream_descriptor::wait_read,
                          [this, alive = std::weak_ptr(alive_)](std::error_code error) {
                            if (error || alive.expired()) return;
                            devices_.forget_changed();
                            wait_for_device_news();
                          });
}

void QueueServer::read_packets() {
  bool has_more = true;
  for (int bulk = 0; has_more && bulk < kMaxBulks; ++bulk) {
    judged_ns_ = monotonic_ns();
    has_more = queue_.receive([this](const nlmsghdr& message) { handle(message); });
    after_bulk();
  }
}

// A script may let go of packets of any queue of this worker.
void QueueServer::after_bulk() {
  for (Seat* seat : seats_) seat->run_timers();
  worker_.flush();
}

void QueueServer::replace_rules(const std::vector<SeatedRule>& rules) {
  std::vector<Rule> next;
  std::vector<Seat*> seats;
  for (const SeatedRule& seated : rules) {
    next.push_back(seated.rule);
    seats.push_back(seated.seat);
    take_counters(seated.seat, next.back());
  }
  rules_ = std::move(next);
  seats_ = std::move(seats);
  renew_rules();
}

void QueueServer::take_counters(const Seat* seat, Rule& rule) {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (seats_[i] != seat || !is_same_rule(rules_[i], rule)) continue;
    add_counters(rule, rules_[i]);
    seats_[i] = nullptr;  // it counts once
    return;
  }
}

void QueueServer::renew_rules() {
  for (size_t i = 0; i < seats_.size(); ++i) rules_[i].state = &seats_[i]->state();
}

void QueueServer::handle(const nlmsghdr& message) {
  QueuedPacket packet;
  if (!parse_queued_packet(message, packet)) return;
  summary_.received.add(packet.wire_bytes);
  if (packet.is_truncated()) ++summary_.truncated;
  if (is_draining_)
    answer_unseen(packet, summary_.drained, policy_verdict());
  else if (!is_ip(packet))
    answer_unseen(packet, summary_.not_ip, NF_ACCEPT);
  else if (options_.filter && !options_.filter->matches(packet.payload, packet.wire_bytes))
    answer_unseen(packet, summary_.outside_filter, NF_ACCEPT);
  else
    judge(packet);
}

void QueueServer::answer_unseen(const QueuedPacket& packet, PacketCount& fate, uint32_t verdict) {
  fate.add(packet.wire_bytes);
  packet_.offer(0, packet);
  answer(packet_, verdict);
}

void QueueServer::judge(const QueuedPacket& packet) {
  packet_.offer(packets_seen_.fetch_add(1, std::memory_order_relaxed) + 1, packet);
  mss_.learn(packet_.ip());
  if (options_.tell_packets)
    events_.packet(packet_.number(), realtime_ns(), packet_.ip(), packet.wire_bytes);
  carry_out(run_rules_timed());
}

// One look at the clock a packet: what is between two of them is mostly the rules.
Decision QueueServer::run_rules_timed() {
  if (verdicts_.messages().empty()) oldest_verdict_ns_ = judged_ns_;
  RuleObserver* observer = options_.tell_packets ? this : nullptr;
  worker_.begin_packet(packet_);
  const Decision decision = run_rules(rules_.data(), rules_.size(), packet_, observer);
  worker_.end_packet();
  const int64_t now_ns = monotonic_ns();
  summary_.time_in_rules.add(now_ns - judged_ns_);
  judged_ns_ = now_ns;
  if (now_ns - oldest_verdict_ns_ > kMaxVerdictDelayNs) {
    flush();
    judged_ns_ = monotonic_ns();
  }
  return decision;
}

void QueueServer::carry_out(const Decision& decision) {
  const VerdictKind kind = decision.verdict.kind;
  summary_.verdicts[size_t(kind)].add(packet_.facts().wire_bytes);
  if (decision.repeated_too_often) ++summary_.repeated_too_often;
  if (options_.tell_packets)
    events_.verdict(packet_.number(), realtime_ns(), decision, packet_.mark());
  if (kind != VerdictKind::stolen)
    answer(packet_, kernel_verdict(decision.verdict, packet_.facts().hook));
}

void QueueServer::rule_ran(const Rule& rule, Verdict verdict) {
  events_.rule(packet_.number(), rule, verdict);
}

uint32_t QueueServer::policy_verdict() const { return options_.fail_open ? NF_ACCEPT : NF_DROP; }

KernelVerdict QueueServer::verdict_for(const QueuePacket& packet, uint32_t verdict) const {
  if (verdict == NF_DROP) return {verdict, {}, {}};
  std::optional<uint32_t> priority;
  if (packet.priority_is_ours()) priority = original_priority(packet.facts().hook, packet.ip());
  return {verdict, packet.new_mark(), priority};
}

void QueueServer::answer(const QueuePacket& packet, uint32_t verdict) {
  const bool nothing_waits = summary_.held == 0;
  verdicts_.add(packet.facts().id, verdict_for(packet, verdict), nothing_waits);
  if (verdicts_.is_full()) flush();
}

void QueueServer::flush() { queue_.send(verdicts_); }

Error QueueServer::send_reply(QueuePacket& to, const Reply& reply) {
  const QueuedPacket& facts = to.facts();
  const Device* device = devices_.find(facts.in_device);
  // Behind it, the device that a packet came from is not told, or is another one's.
  if (!device || facts.hook == NF_INET_LOCAL_OUT || facts.hook == NF_INET_POST_ROUTING)
    return Error("no input device");
  Reply translated = reply;
  translated.readdress(to.reply_tuple(reply.tuple()));
  for (size_t i = 0; i < translated.packets(); ++i) {
    const Bytes ip = make_reply_packet(translated, i, scratch_);
    if (const Error error = replies_.send(ip, facts, *device)) {
      ++summary_.reply_failures;
      return error;
    }
    ++summary_.reply_packets;
    if (options_.tell_packets) events_.reply(to.number(), realtime_ns(), ip);
  }
  return {};
}

Error QueueServer::send_held(std::unique_ptr<QueuePacket> packet, const Bytes* payload) {
  if (!payload) {
    end_held(*packet, HeldEnd::sent, packet->ip());
    answer(*packet, stop_verdict(packet->facts().hook));
    return {};
  }
  Result<Bytes> changed =
      make_replaced_packet({packet->ip(), packet->whole_bytes()}, *payload, scratch_);
  if (changed && changed->size() > kMaxChangedBytes) changed = Error("payload too long");
  if (!changed) {
    end_held(*packet, HeldEnd::failed, {});
    answer(*packet, NF_DROP);
    return changed.error();
  }
  end_held(*packet, HeldEnd::sent, *changed);
  const KernelVerdict verdict = verdict_for(*packet, stop_verdict(packet->facts().hook));
  verdicts_.add_changed(packet->facts().id, verdict, *changed);
  if (verdicts_.is_full()) flush();
  return {};
}

void QueueServer::drop_held(std::unique_ptr<QueuePacket> packet) {
  const bool is_released = worker_.is_closing_state();
  const uint32_t verdict = is_released ? policy_verdict() : NF_DROP;
  if (is_released) ++summary_.held_released;
  if (verdict == NF_ACCEPT)
    end_held(*packet, HeldEnd::sent, packet->ip());
  else
    end_held(*packet, HeldEnd::closed, {});
  answer(*packet, verdict);
}

void QueueServer::end_held(const QueuePacket& packet, HeldEnd end, Bytes ip) {
  ++summary_.held_ends[size_t(end)];
  --summary_.held;
  if (options_.tell_packets) events_.held_end(packet.number(), realtime_ns(), end, ip);
}

Summary QueueServer::summary() const {
  Summary summary = summary_;
  summary.socket = queue_.counters();
  summary.rules = rules_;
  if (const std::optional<KernelCounters> kernel = read_kernel_counters(queue_.number())) {
    summary.dropped_queue_full = kernel->queue_full;
    summary.dropped_socket_full = kernel->socket_full;
    summary.numbered = kernel->numbered;
    summary.waiting = kernel->waiting;
  }
  return summary;
}

void QueueServer::resume() {
  rules_.clear();
  is_draining_ = false;
}

void QueueServer::drain() {
  is_draining_ = true;
  seats_.clear();  // they may go before us; the rules keep what they counted
  bool has_more = true;
  for (int bulk = 0; has_more && bulk < kMaxLastBulks; ++bulk) {
    has_more = queue_.receive([this](const nlmsghdr& message) { handle(message); });
    flush();
  }
}

}  // namespace nflua::queue
