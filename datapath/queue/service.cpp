// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/service.hpp"

#include <fmt/format.h>
#include <linux/netfilter.h>

#include <algorithm>
#include <fstream>
#include <future>

#include "datapath/queue/hooks.hpp"
#include "datapath/queue/kernel_counters.hpp"
#include "datapath/queue/table_note.hpp"

namespace nflua::queue {

namespace {

/// Queues for our own rules are looked for from here on: high enough to be nobody's choice.
constexpr uint16_t kFirstOwnQueue = 20'000;

/// nft's syntax takes these in a name.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Locally made packets may bear a priority of their owner's (SO_PRIORITY): not ours to lose.
bool may_overwrite_priority(unsigned hook) {
  return hook != NF_INET_LOCAL_OUT && hook != NF_INET_POST_ROUTING;
}

/// Returns whether it was off, and is on now.
bool switch_accounting_on() {
  constexpr const char* kPath = "/proc/sys/net/netfilter/nf_conntrack_acct";
  std::ifstream in(kPath);
  int value = 0;
  if (!(in >> value) || value != 0) return false;
  std::ofstream out(kPath);
  return bool(out << 1 << std::flush);
}

bool is_free(const QueueRange& range, const std::vector<QueueRange>& reserved) {
  for (unsigned i = 0; i < range.count; ++i)
    if (listener_of(uint16_t(range.first + i))) return false;
  return std::none_of(reserved.begin(), reserved.end(),
                      [&](const QueueRange& other) { return range.meets(other); });
}

}  // namespace

Service::Service(const ServiceOptions& options, Events& events, ProgramFactory make_program)
    : options_(options), events_(events), make_program_(std::move(make_program)) {}

Service::~Service() {
  if (!threads_.empty()) stop();
}

bool Service::filters_here() const {
  if (!options_.filter) return false;
  return !options_.placement || options_.filter->size() > kMaxKernelFilter;
}

std::string Service::table_name() const {
  std::string name = options_.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
  return options_.placement
             ? fmt::format("{}{}_{}", kTablePrefix, name, hook_name(options_.placement->hook))
             : fmt::format("{}{}_queue{}", kTablePrefix, name, options_.queues.first);
}

Failure Service::start() {
  if (options_.placement) {
    lock_ = InstanceLock::take(table_name());
    if (!lock_)
      return Failure(
          fmt::format("{}: another nflua runs this script at this hook; end it first, or "
                      "give the script another name",
                      table_name()));
    if (Failure failure = choose_queues()) return failure;
  }
  std::vector<QueueSocket> queues;
  if (Failure failure = open_queues(queues)) return failure;
  const IdSource id_source = choose_id_source(queues.front());
  if (options_.track) switched_accounting_on_ = switch_accounting_on();

  Outcome<std::vector<std::unique_ptr<Program>>> programs = make_programs();
  if (!programs) return programs.failure();
  if (Failure failure = make_workers(std::move(queues), std::move(*programs), id_source))
    return failure;
  if (Failure failure = install_rules(id_source)) return failure;
  for (const auto& worker : workers_) threads_.emplace_back([&worker] { worker->run(); });
  return {};
}

Failure Service::choose_queues() {
  Outcome<std::vector<QueueRange>> reserved = queues_of_tables_except(table_name());
  if (!reserved) return reserved.failure();
  QueueRange& range = options_.queues;
  range.first = kFirstOwnQueue;
  while (!is_free(range, *reserved) && UINT16_MAX - range.first >= 2 * range.count)
    range.first = uint16_t(range.first + range.count);
  options_.placement->first_queue = range.first;
  options_.placement->queues = range.count;
  return {};
}

Failure Service::open_queues(std::vector<QueueSocket>& queues) const {
  for (unsigned i = 0; i < options_.queues.count; ++i) {
    Outcome<QueueSocket> queue =
        QueueSocket::open(uint16_t(options_.queues.first + i), options_.queue);
    if (!queue) return queue.failure();
    queues.push_back(std::move(*queue));
  }
  return {};
}

IdSource Service::choose_id_source(const QueueSocket& queue) const {
  if (!options_.track) return IdSource::none;
  if (queue.tells_connections()) return IdSource::message;
  const bool automatic = options_.placement && may_overwrite_priority(options_.placement->hook);
  const bool is_early =
      options_.id_wish == IdWish::automatic ? automatic : options_.id_wish == IdWish::early;
  return is_early ? IdSource::priority : IdSource::look_up;
}

Outcome<std::vector<std::unique_ptr<Program>>> Service::make_programs() {
  std::vector<std::unique_ptr<Program>> programs;
  for (uint32_t worker = 1; worker <= options_.queues.count; ++worker) {
    Outcome<std::unique_ptr<Program>> program = make_program_(worker, options_.queues);
    if (!program) return program.failure();
    programs.push_back(std::move(*program));
  }
  return programs;
}

Failure Service::make_workers(std::vector<QueueSocket> queues,
                              std::vector<std::unique_ptr<Program>> programs, IdSource id_source) {
  WorkerOptions worker_options;
  worker_options.fail_open = options_.queue.fail_open;
  worker_options.id_source = id_source;
  worker_options.filter = filters_here() ? options_.filter : nullptr;
  worker_options.tell_packets = options_.tell_packets;
  for (size_t i = 0; i < queues.size(); ++i) {
    Outcome<std::unique_ptr<Worker>> worker = Worker::create(
        std::move(queues[i]), worker_options, events_, packets_seen_, std::move(programs[i]));
    if (!worker) return worker.failure();
    workers_.push_back(std::move(*worker));
  }
  return {};
}

Failure Service::install_rules(IdSource id_source) {
  if (!options_.placement && !options_.track) return {};
  OwnRulesOptions rules;
  rules.table = table_name();
  rules.family = options_.family;
  rules.placement = options_.placement;
  if (rules.placement) rules.placement->priority_is_id = id_source == IdSource::priority;
  rules.filter = filters_here() ? nullptr : options_.filter;
  rules.track = options_.track;
  rules.outlives_us = options_.placement && !options_.queue.fail_open;
  Outcome<std::unique_ptr<OwnRules>> installed = OwnRules::install(rules);
  if (!installed) return installed.failure();
  rules_ = std::move(*installed);
  return {};
}

Failure Service::reload() {
  Outcome<std::vector<std::unique_ptr<Program>>> programs = make_programs();
  if (!programs) return programs.failure();
  std::promise<bool> decision;
  const std::shared_future<bool> go = decision.get_future();
  std::vector<std::future<Failure>> answers;
  for (size_t i = 0; i < workers_.size(); ++i)
    answers.push_back(workers_[i]->replace_program(std::move((*programs)[i]), go));
  Failure failure;
  for (std::future<Failure>& answer : answers)
    if (Failure refusal = answer.get()) failure = refusal;
  decision.set_value(!failure);
  return failure;
}

Summary Service::snapshot() {
  Summary sum;
  for (const auto& worker : workers_) sum.add(worker->snapshot());
  return sum;
}

// The chain goes last: with it the kernel drops what still waits in any queue.
Summary Service::stop() {
  if (rules_ && options_.placement) rules_->stop_queueing();
  for (const auto& worker : workers_) worker->drain();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  Summary sum;
  for (const auto& worker : workers_) sum.add(worker->last_summary());
  workers_.clear();
  rules_.reset();
  return sum;
}

}  // namespace nflua::queue
