// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/worker.hpp"

#include <linux/if_ether.h>
#include <linux/netfilter.h>

#include <asio/post.hpp>

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

uint32_t kernel_verdict(const Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::drop:
      return NF_DROP;
    case VerdictKind::queue:
      return NF_QUEUE_NR(verdict.queue);
    case VerdictKind::stop:
      return NF_STOP;
    default:
      return NF_ACCEPT;
  }
}

bool is_ip(const QueuedPacket& packet) {
  return packet.protocol == ETH_P_IP || packet.protocol == ETH_P_IPV6;
}

}  // namespace

Outcome<std::unique_ptr<Worker>> Worker::create(QueueSocket queue, const WorkerOptions& options,
                                                Events& events, std::atomic<uint64_t>& packets_seen,
                                                std::unique_ptr<Program> program) {
  Outcome<Devices> devices = Devices::open();
  if (!devices) return devices.failure();
  Outcome<KernelConntrack> conntrack = KernelConntrack::open();
  if (!conntrack) return conntrack.failure();
  std::unique_ptr<Worker> worker(new Worker(std::move(queue), options, events, packets_seen,
                                            std::move(*devices), std::move(*conntrack)));
  worker->program_ = std::move(program);
  return worker;
}

Worker::Worker(QueueSocket queue, const WorkerOptions& options, Events& events,
               std::atomic<uint64_t>& packets_seen, Devices devices, KernelConntrack conntrack)
    : queue_(std::move(queue)),
      options_(options),
      events_(events),
      packets_seen_(packets_seen),
      devices_(std::move(devices)),
      conntrack_(std::move(conntrack)),
      verdicts_(queue_.number()),
      packet_({*this, devices_, conntrack_, mss_, options.id_source}),
      readable_(io_, queue_.fd()),
      device_news_(io_, devices_.fd()),
      timer_(io_) {}

// The descriptors belong to the sockets.
Worker::~Worker() {
  readable_.release();
  device_news_.release();
}

void Worker::run() {
  wait_for_packets();
  wait_for_device_news();
  run_timers();
  io_.run();
}

void Worker::wait_for_packets() {
  readable_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    if (error) return;
    read_packets();
    wait_for_packets();
  });
}

void Worker::wait_for_device_news() {
  device_news_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    if (error) return;
    devices_.forget_changed();
    wait_for_device_news();
  });
}

void Worker::read_packets() {
  bool has_more = true;
  for (int bulk = 0; has_more && bulk < kMaxBulks; ++bulk) {
    judged_ns_ = monotonic_ns();
    has_more = queue_.receive([this](const nlmsghdr& message) { handle(message); });
    run_timers();
    flush();
  }
}

void Worker::handle(const nlmsghdr& message) {
  QueuedPacket packet;
  if (!parse_queued_packet(message, packet)) return;
  summary_.received.add(packet.wire_bytes);
  if (packet.is_truncated()) ++summary_.truncated;
  if (is_closing_)
    answer_unseen(packet, summary_.drained, policy_verdict());
  else if (!is_ip(packet))
    answer_unseen(packet, summary_.not_ip, NF_ACCEPT);
  else if (options_.filter && !options_.filter->matches(packet.payload, packet.wire_bytes))
    answer_unseen(packet, summary_.outside_filter, NF_ACCEPT);
  else
    judge(packet);
}

void Worker::answer_unseen(const QueuedPacket& packet, PacketCount& fate, uint32_t verdict) {
  fate.add(packet.wire_bytes);
  packet_.offer(0, packet);
  answer(packet_, verdict);
}

void Worker::judge(const QueuedPacket& packet) {
  packet_.offer(packets_seen_.fetch_add(1, std::memory_order_relaxed) + 1, packet);
  mss_.learn(packet_.ip());
  if (options_.tell_packets)
    events_.packet(packet_.number(), realtime_ns(), packet_.ip(), packet.wire_bytes);
  carry_out(run_rules_timed());
}

// One look at the clock a packet: what is between two of them is mostly the rules.
Decision Worker::run_rules_timed() {
  if (verdicts_.messages().empty()) oldest_verdict_ns_ = judged_ns_;
  std::vector<Rule>& rules = program_->rules;
  RuleObserver* observer = options_.tell_packets ? this : nullptr;
  const Decision decision =
      run_rules(rules.data(), rules.size(), *program_->state, packet_, observer);
  const int64_t now_ns = monotonic_ns();
  summary_.time_in_rules.add(now_ns - judged_ns_);
  judged_ns_ = now_ns;
  if (now_ns - oldest_verdict_ns_ > kMaxVerdictDelayNs) {
    flush();
    judged_ns_ = monotonic_ns();
  }
  return decision;
}

void Worker::carry_out(const Decision& decision) {
  const VerdictKind kind = decision.verdict.kind;
  summary_.verdicts[size_t(kind)].add(packet_.facts().wire_bytes);
  if (decision.repeated_too_often) ++summary_.repeated_too_often;
  if (options_.tell_packets)
    events_.verdict(packet_.number(), realtime_ns(), decision, packet_.mark());
  if (kind != VerdictKind::stolen) answer(packet_, kernel_verdict(decision.verdict));
}

void Worker::rule_ran(const Rule& rule, Verdict verdict) {
  events_.rule(packet_.number(), rule, verdict);
}

uint32_t Worker::policy_verdict() const { return options_.fail_open ? NF_ACCEPT : NF_DROP; }

KernelVerdict Worker::verdict_for(const QueuePacket& packet, uint32_t verdict) const {
  if (verdict == NF_DROP) return {verdict, {}, {}};
  std::optional<uint32_t> priority;
  if (options_.id_source == IdSource::priority)
    priority = original_priority(packet.facts().hook, packet.ip());
  return {verdict, packet.new_mark(), priority};
}

void Worker::answer(const QueuePacket& packet, uint32_t verdict) {
  const bool nothing_waits = summary_.held == 0;
  verdicts_.add(packet.facts().id, verdict_for(packet, verdict), nothing_waits);
  if (verdicts_.is_full()) flush();
}

void Worker::flush() { queue_.send(verdicts_); }

void Worker::run_timers() {
  program_->clock->advance(monotonic_ns());
  const int64_t due_ns = program_->clock->next_due_ns();
  if (due_ns == armed_ns_) return;
  armed_ns_ = due_ns;
  timer_.cancel();
  if (due_ns == INT64_MAX) return;
  timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(due_ns)));
  timer_.async_wait([this](std::error_code error) {
    if (error) return;
    armed_ns_ = INT64_MAX;
    run_timers();
    flush();
  });
}

Error Worker::send_reply(QueuePacket& to, const Reply& reply) {
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

Error Worker::send_held(std::unique_ptr<QueuePacket> packet, const Bytes* payload) {
  if (!payload) {
    end_held(*packet, HeldEnd::sent, packet->ip());
    answer(*packet, NF_STOP);
    return {};
  }
  const Result<Bytes> changed = make_replaced_packet(packet->ip(), *payload, scratch_);
  if (!changed) {
    end_held(*packet, HeldEnd::failed, {});
    answer(*packet, NF_DROP);
    return changed.error();
  }
  end_held(*packet, HeldEnd::sent, *changed);
  verdicts_.add_changed(packet->facts().id, verdict_for(*packet, NF_STOP), *changed);
  if (verdicts_.is_full()) flush();
  return {};
}

void Worker::drop_held(std::unique_ptr<QueuePacket> packet) {
  const uint32_t verdict = is_closing_ ? policy_verdict() : NF_DROP;
  if (is_closing_) ++summary_.released;
  if (verdict == NF_ACCEPT)
    end_held(*packet, HeldEnd::sent, packet->ip());
  else
    end_held(*packet, HeldEnd::closed, {});
  answer(*packet, verdict);
}

void Worker::end_held(const QueuePacket& packet, HeldEnd end, Bytes ip) {
  ++summary_.held_ends[size_t(end)];
  --summary_.held;
  if (options_.tell_packets) events_.held_end(packet.number(), realtime_ns(), end, ip);
}

void Worker::add_program(Summary& summary) const {
  add_counters(summary.state, program_->state->counters());
  summary.bytes_used = program_->state->bytes_used();
  add_rule_counters(summary.rules, program_->rules);
}

// What the program holds comes back through drop_held().
void Worker::close_program() {
  add_program(summary_);
  is_closing_ = true;
  program_->state.reset();
  is_closing_ = false;
  flush();
}

std::future<Failure> Worker::replace_program(std::unique_ptr<Program> next,
                                             std::shared_future<bool> go) {
  std::promise<Failure> ready;
  std::future<Failure> answer = ready.get_future();
  asio::post(io_, [this, next = std::move(next), go, ready = std::move(ready)]() mutable {
    const Error error = next->state->take_over(*program_->state);
    const Text text = next->state->last_error();
    ready.set_value(error ? Failure(std::string(text.data(), text.size())) : Failure());
    if (go.get()) adopt(std::move(next));
  });
  return answer;
}

void Worker::adopt(std::unique_ptr<Program> next) {
  close_program();
  program_ = std::move(next);
  run_timers();
  flush();
}

Summary Worker::snapshot() {
  std::promise<Summary> taken;
  asio::post(io_, [&] { taken.set_value(take_summary()); });
  return taken.get_future().get();
}

Summary Worker::take_summary() const {
  Summary summary = summary_;
  summary.socket = queue_.counters();
  if (program_->state) {
    add_program(summary);
    summary.timers_armed = program_->state->armed_timers();
  }
  if (const std::optional<KernelCounters> kernel = read_kernel_counters(queue_.number())) {
    summary.dropped_queue_full = kernel->queue_full;
    summary.dropped_socket_full = kernel->socket_full;
    summary.waiting = kernel->waiting;
  }
  return summary;
}

void Worker::drain() {
  asio::post(io_, [this] {
    close_program();
    is_closing_ = true;
    bool has_more = true;
    for (int bulk = 0; has_more && bulk < kMaxLastBulks; ++bulk) {
      has_more = queue_.receive([this](const nlmsghdr& message) { handle(message); });
      flush();
    }
    last_summary_ = take_summary();
    io_.stop();
  });
}

}  // namespace nflua::queue
