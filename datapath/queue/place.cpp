// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/place.hpp"

#include <fmt/format.h>
#include <linux/netfilter.h>

#include <algorithm>
#include <utility>

#include "datapath/queue/hooks.hpp"
#include "datapath/queue/kernel_counters.hpp"
#include "datapath/queue/table_note.hpp"

namespace nflua::queue {

namespace {

/// Queues for our own rules are looked for from here on: high enough to be nobody's choice.
constexpr uint16_t kFirstOwnQueue = 20'000;

/// Locally made packets may bear a priority of their owner's (SO_PRIORITY): not ours to lose.
bool may_overwrite_priority(unsigned hook) {
  return hook != NF_INET_LOCAL_OUT && hook != NF_INET_POST_ROUTING;
}

bool is_free(const QueueRange& range, const std::vector<QueueRange>& reserved) {
  for (unsigned i = 0; i < range.count; ++i)
    if (listener_of(uint16_t(range.first + i))) return false;
  return std::none_of(reserved.begin(), reserved.end(),
                      [&](const QueueRange& other) { return range.meets(other); });
}

std::string text_of(const QueueRange& queues) {
  if (queues.count == 1) return fmt::format("queue {}", queues.first);
  return fmt::format("queues {}-{}", queues.first, queues.first + queues.count - 1);
}

std::optional<std::vector<FilterGroup>> rules_of_filter(const PlaceOptions& options) {
  if (!options.placement || !options.filter_program) return {};
  return filter_rules(*options.filter_program);
}

}  // namespace

bool operator==(const PlaceOptions& left, const PlaceOptions& right) {
  const bool same_queues = left.placement || left.queues == right.queues;
  return same_queues && left.placement == right.placement && left.family == right.family &&
         left.queue == right.queue && left.filter == right.filter && left.track == right.track &&
         left.id_wish == right.id_wish;
}

Place::Place(const PlaceOptions& options, std::string table, const PlaceServices& services)
    : options_(options),
      filter_rules_(rules_of_filter(options)),
      table_(std::move(table)),
      services_(services) {}

std::string Place::name() const {
  return options_.placement ? hook_name(options_.placement->hook) : text_of(options_.queues);
}

std::string Place::description() const {
  std::string text = text_of(options_.queues);
  if (options_.placement)
    text += fmt::format(" at {}, priority {}", hook_name(options_.placement->hook),
                        options_.placement->priority);
  return text;
}

bool Place::filters_here() const {
  if (!options_.filter_program || filter_rules_) return false;
  return !options_.placement || options_.filter_program->size() > kMaxKernelFilter ||
         options_.filter_program->has_loop();
}

bool Place::has_program_in_rule() const {
  return options_.filter_program && !filter_rules_ && !filters_here();
}

bool Place::refers_to(const NamedState& state) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const BoundRule& bound) { return bound.state == &state; });
}

// The chain stays what it is: of that hook and priority. Devices, filter and queues are its rules'.
bool Place::can_become(const PlaceOptions& options) const {
  if (is_served() || !own_rules_ || summary().held > 0) return false;
  if (bool(options_.placement) != bool(options.placement)) return false;
  if (options_.family != options.family || options_.track != options.track) return false;
  return !options.placement || (options_.placement->hook == options.placement->hook &&
                                options_.placement->priority == options.placement->priority &&
                                options_.placement->fail_open == options.placement->fail_open);
}

void Place::become(const PlaceOptions& options) {
  const QueueRange chosen = options_.queues;
  options_ = options;
  filter_rules_ = rules_of_filter(options);
  if (options.placement) options_.queues = chosen;
  past_ = std::make_shared<PastSummary>();
  keeper_ = {};
  own_rules_->forget_counts();
}

Failure Place::bind(NamedState& state, const std::vector<Rule>& rules) {
  const size_t before = rules_.size();
  if (before + rules.size() > kMaxRulesOfPlace)
    return Failure(
        fmt::format("{}: a place has {} rules at the most, and {} are bound here; unbind some",
                    name(), kMaxRulesOfPlace, before));
  for (const Rule& rule : rules) rules_.push_back({&state, rule});
  if (is_served()) {
    update_servers();
    return {};
  }
  Failure failure = serve();
  if (failure) {
    end();
    rules_.resize(before);
  }
  return failure;
}

size_t Place::unbind(const NamedState& state, const std::function<bool(const Rule&)>& is_meant) {
  const size_t removed = std::erase_if(rules_, [&](const BoundRule& bound) {
    return bound.state == &state && is_meant(bound.rule);
  });
  if (removed == 0) return 0;
  // An empty list would let through what waits, whatever the policy.
  if (rules_.empty()) {
    stop_queueing();
    end();
  } else {
    update_servers();
  }
  return removed;
}

void Place::replace_rules_in(Worker& worker, NamedState& state, const std::vector<Rule>& rules) {
  std::vector<BoundRule> next = rules_;
  std::erase_if(next, [&](const BoundRule& bound) { return bound.state == &state; });
  for (const Rule& rule : rules) next.push_back({&state, rule});
  for (const Served& served : servers_)
    if (&served.worker == &worker) served.server.replace_rules(seated(next, worker));
}

void Place::set_rules(NamedState& state, const std::vector<Rule>& rules) {
  std::erase_if(rules_, [&](const BoundRule& bound) { return bound.state == &state; });
  for (const Rule& rule : rules) rules_.push_back({&state, rule});
}

std::vector<SeatedRule> Place::seated(const std::vector<BoundRule>& rules,
                                      const Worker& worker) const {
  std::vector<SeatedRule> seated_rules;
  for (const BoundRule& bound : rules)
    seated_rules.push_back({&bound.state->seat(worker), bound.rule});
  return seated_rules;
}

void Place::update_servers() {
  for (const Served& served : servers_)
    served.worker.call([&] { served.server.replace_rules(seated(rules_, served.worker)); });
}

Failure Place::serve() {
  if (options_.placement && !queues_are_chosen_)
    if (Failure failure = choose_queues()) return failure;
  revive_servers();
  Outcome<std::vector<QueueSocket>> queues = open_queues();
  if (!queues) return queues.failure();
  if (!queues->empty()) id_source_ = choose_id_source(queues->front());
  if (options_.track) services_.accounting.ask();
  services_.served.add(options_.queues);
  is_registered_ = true;
  if (Failure failure = make_servers(std::move(*queues))) return failure;
  if (Failure failure = fill_queues()) return failure;
  // Our rules have loaded conntrack if nobody else had.
  if (options_.track) services_.accounting.ask();
  return {};
}

Worker& Place::worker_of(uint16_t queue) const {
  return *services_.workers[(queue - options_.queues.first) % services_.workers.size()];
}

bool Place::serves(uint16_t queue) const {
  return std::any_of(servers_.begin(), servers_.end(),
                     [queue](const Served& served) { return served.server.number() == queue; });
}

void Place::revive_servers() {
  for (unsigned i = 0; i < options_.queues.count; ++i) {
    const auto queue = uint16_t(options_.queues.first + i);
    Worker& worker = worker_of(queue);
    worker.call([&] {
      QueueServer* server = worker.revive(queue, *past_);
      if (!server) return;
      server->replace_rules(seated(rules_, worker));
      servers_.push_back({worker, *server});
    });
  }
}

Failure Place::choose_queues() {
  lock_ = InstanceLock::take(table_);
  if (!lock_)
    return Failure(
        fmt::format("{}: another nflua runs this script at this hook; end it first, or "
                    "give the script another name",
                    table_));
  Outcome<std::vector<QueueRange>> reserved = queues_of_tables_except(table_);
  if (!reserved) return reserved.failure();
  QueueRange range{kFirstOwnQueue, uint16_t(services_.workers.size())};
  while (!is_free(range, *reserved) && UINT16_MAX - range.first >= 2 * range.count)
    range.first = uint16_t(range.first + range.count);
  options_.queues = range;
  queues_are_chosen_ = true;
  return {};
}

Outcome<std::vector<QueueSocket>> Place::open_queues() const {
  std::vector<QueueSocket> queues;
  for (unsigned i = 0; i < options_.queues.count; ++i) {
    const auto number = uint16_t(options_.queues.first + i);
    if (serves(number)) continue;
    Outcome<QueueSocket> queue = QueueSocket::open(number, options_.queue);
    if (!queue) return queue.failure();
    queues.push_back(std::move(*queue));
  }
  return queues;
}

IdSource Place::choose_id_source(const QueueSocket& queue) const {
  if (!options_.track) return IdSource::none;
  if (queue.tells_connections()) return IdSource::message;
  const bool automatic = options_.placement && may_overwrite_priority(options_.placement->hook);
  const bool is_early =
      options_.id_wish == IdWish::automatic ? automatic : options_.id_wish == IdWish::early;
  return is_early ? IdSource::priority : IdSource::look_up;
}

bool Place::rule_tells_zones() const {
  return options_.placement &&
         (id_source_ == IdSource::priority || id_source_ == IdSource::look_up);
}

Failure Place::make_servers(std::vector<QueueSocket> queues) {
  ServerOptions options;
  options.fail_open = options_.queue.fail_open;
  options.id_source = id_source_;
  options.filter = filters_here() ? options_.filter_program.get() : nullptr;
  options.tell_packets = services_.tell_packets;
  if (rule_tells_zones()) options.zone_table = table_;
  options.family = options_.family;
  for (QueueSocket& queue : queues) {
    Worker& worker = worker_of(queue.number());
    Outcome<std::unique_ptr<QueueServer>> server = QueueServer::create(
        worker, std::move(queue), options, services_.events, services_.packets_seen);
    if (!server) return server.failure();
    worker.call([&] {
      (*server)->replace_rules(seated(rules_, worker));
      servers_.push_back({worker, worker.add(std::move(*server))});
    });
  }
  return {};
}

Failure Place::fill_queues() {
  if (!options_.placement && !options_.track) return {};
  if (own_rules_) return own_rules_->start_queueing(rules_options());
  Outcome<std::unique_ptr<OwnRules>> installed = OwnRules::install(rules_options());
  if (!installed) return installed.failure();
  own_rules_ = std::move(*installed);
  return {};
}

OwnRulesOptions Place::rules_options() const {
  OwnRulesOptions rules;
  rules.table = table_;
  rules.family = options_.family;
  rules.placement = options_.placement;
  if (rules.placement) {
    rules.placement->first_queue = options_.queues.first;
    rules.placement->queues = options_.queues.count;
    rules.placement->priority_is_id = id_source_ == IdSource::priority;
    rules.placement->tells_zones = rule_tells_zones();
  }
  if (rules.placement)
    rules.selection = {rules.placement->in_device, rules.placement->out_device,
                       filters_here() ? nullptr : options_.filter_program, filter_rules_};
  rules.track = options_.track;
  rules.outlives_us = options_.placement && !options_.queue.fail_open;
  return rules;
}

std::string Place::keep_rules(const std::string& program) {
  return own_rules_ ? keeper_.keep(*own_rules_, program) : std::string();
}

void Place::end() {
  for (const Served& served : servers_)
    served.worker.call([&] {
      served.server.drain();
      served.worker.retire(served.server, past_);
    });
  servers_.clear();
  if (std::exchange(is_registered_, false)) services_.served.remove(options_.queues);
}

// A packet may be between our rule and its number, so the rules are asked first.
Summary Place::summary() const {
  const RuleCounts counts = own_rules_ ? own_rules_->counts() : RuleCounts();
  Summary sum = past_->sum();
  for (const auto& worker : services_.workers)
    sum.add(worker->call([&] { return worker->retired_summary(*past_); }));
  for (const Served& served : servers_)
    sum.add(served.worker.call([&] { return served.server.summary(); }));
  sum.left_out_floods = counts.floods;
  sum.left_out_vrf_passes = counts.vrf_passes;
  const uint64_t known = sum.numbered + sum.dropped_queue_full;
  if (counts.queued > known) sum.never_shown = counts.queued - known;
  sum.rules_restored = keeper_.restored();
  return sum;
}

void Place::stop_queueing() {
  if (own_rules_) own_rules_->stop_queueing();
}

void Place::drain() {
  for (const Served& served : servers_) served.worker.call([&] { served.server.drain(); });
}

}  // namespace nflua::queue
