// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/service.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "datapath/queue/hooks.hpp"
#include "datapath/queue/table_note.hpp"

namespace nflua::queue {

namespace {

/// nft's syntax takes these in a name.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_selected(const RuleSelection& selection, const PlaceOptions& place) {
  if (selection.hook) return place.placement && place.placement->hook == *selection.hook;
  if (selection.queues) return !place.placement && place.queues == *selection.queues;
  return true;
}

}  // namespace

Service::Service(ServiceOptions options, Events& events)
    : options_(std::move(options)), events_(events) {}

Service::~Service() { stop(); }

Failure Service::start() {
  if (!options_.groups) {
    Outcome<GroupSocket> groups = GroupSocket::open();
    if (!groups) return groups.failure();
    options_.groups.emplace(std::move(*groups));
  }
  // Without CAP_NET_ADMIN it fails, and there will be no table to watch: bind() says so.
  Outcome<RulesWatch> watch = RulesWatch::open();
  if (watch) watch_.emplace(std::move(*watch));
  for (uint32_t number = 1; number <= options_.workers; ++number)
    workers_.push_back(std::make_unique<Worker>(number));
  return {};
}

Failure Service::create(const std::string& name, const StateMaker& make_state) {
  if (states_.contains(name)) return Failure(fmt::format("{}: this state exists already", name));
  Outcome<std::unique_ptr<NamedState>> state = NamedState::create(
      name, workers_, {events_, served_, *options_.groups, options_.max_datagram_bytes},
      make_state);
  if (!state) return state.failure();
  states_.emplace(name, std::move(*state));
  return {};
}

Outcome<NamedState*> Service::find(const std::string& name) {
  const auto found = states_.find(name);
  if (found != states_.end()) return found->second.get();
  return Failure(fmt::format("{}: there is no such state; create it first", name));
}

Failure Service::destroy(const std::string& name) {
  const Outcome<NamedState*> state = find(name);
  if (!state) return state.failure();
  for (const auto& place : places_)
    if (place->refers_to(*states_.at(name)))
      return Failure(fmt::format("{}: rules at {} refer to this state; unbind them first", name,
                                 place->name()));
  states_.erase(name);
  return {};
}

Failure Service::reload(const std::string& name, const StateMaker& make_state,
                        const std::vector<Rule>* rules) {
  Outcome<NamedState*> found = find(name);
  if (!found) return found.failure();
  NamedState& state = **found;
  if (!rules) return state.reload(make_state);
  const Failure failure = state.reload(make_state, [&](Worker& worker) {
    for (const auto& place : places_)
      if (place->refers_to(state)) place->replace_rules_in(worker, state, *rules);
  });
  if (failure) return failure;
  for (const auto& place : places_)
    if (place->refers_to(state)) place->set_rules(state, *rules);
  return {};
}

std::string Service::table_name(const PlaceOptions& options) const {
  std::string name = options_.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
  std::string table =
      options.placement
          ? fmt::format("{}{}_{}", kTablePrefix, name, hook_name(options.placement->hook))
          : fmt::format("{}{}_queue{}", kTablePrefix, name, options.queues.first);
  const std::string first = table;
  const auto is_taken = [&] {
    return std::any_of(places_.begin(), places_.end(),
                       [&](const auto& place) { return place->table() == table; });
  };
  for (size_t next = 2; is_taken(); ++next) table = fmt::format("{}_{}", first, next);
  return table;
}

Failure Service::check_queues(const PlaceOptions& options) const {
  if (options.placement) return {};
  for (const auto& place : places_)
    if (place->is_served() && place->options() != options && place->queues().meets(options.queues))
      return Failure(fmt::format(
          "this nflua serves {} already, with other options; unbind its rules first, or "
          "give the same options",
          place->description()));
  return {};
}

Outcome<Place*> Service::find_place(const PlaceOptions& options) {
  if (Failure failure = check_queues(options)) return failure;
  const auto same = std::find_if(places_.begin(), places_.end(),
                                 [&](const auto& place) { return place->options() == options; });
  if (same != places_.end()) return same->get();
  const auto free = std::find_if(places_.begin(), places_.end(),
                                 [&](const auto& place) { return place->can_become(options); });
  if (free != places_.end()) {
    (*free)->become(options);
    return free->get();
  }
  if (places_.size() == kMaxPlaces)
    return Failure(fmt::format(
        "there are {} places with rules, or with a chain that had some, which is the most: bind to "
        "hooks and priorities that were used before, or restart nflua",
        kMaxPlaces));
  places_.push_back(std::make_unique<Place>(options, table_name(options),
                                            PlaceServices{workers_, events_, served_, accounting_,
                                                          packets_seen_, options_.tell_packets}));
  return places_.back().get();
}

void Service::drop_places_without_table() {
  std::erase_if(places_,
                [](const auto& place) { return !place->is_served() && !place->has_table(); });
}

Outcome<Place*> Service::bind(const std::string& name, const PlaceOptions& options,
                              const std::vector<Rule>& rules) {
  Outcome<NamedState*> state = find(name);
  if (!state) return state.failure();
  Outcome<Place*> place = find_place(options);
  if (!place) return place.failure();
  const Failure failure = (*place)->bind(**state, rules);
  if (!failure) return *place;
  drop_places_without_table();
  return failure;
}

Outcome<size_t> Service::unbind(const std::string& name, const RuleSelection& selection) {
  Outcome<NamedState*> state = find(name);
  if (!state) return state.failure();
  const auto is_meant = [&](const Rule& rule) {
    return !selection.rule || is_same_rule(rule, *selection.rule);
  };
  size_t removed = 0;
  for (const auto& place : places_)
    if (is_selected(selection, place->options())) removed += place->unbind(**state, is_meant);
  drop_places_without_table();
  if (removed > 0) return removed;
  return Failure(fmt::format("{}: no rule of this state is bound there", name));
}

std::vector<std::string> Service::keep_rules(RulesLook look) {
  const RulesNews news = watch_ ? watch_->take() : RulesNews();
  const bool is_meant = look == RulesLook::anyway || news.is_incomplete;
  std::vector<std::string> said;
  for (const auto& place : places_) {
    const auto changed = news.tables.find(place->table());
    const bool is_news = changed != news.tables.end();
    if (!is_meant && !is_news && !place->next_keep_ns()) continue;
    std::string text = place->keep_rules(is_news ? changed->second : "");
    if (!text.empty()) said.push_back(std::move(text));
  }
  return said;
}

std::optional<int64_t> Service::next_keep_ns() const {
  std::optional<int64_t> next_ns;
  for (const auto& place : places_)
    if (const std::optional<int64_t> of_place = place->next_keep_ns())
      next_ns = std::min(next_ns.value_or(*of_place), *of_place);
  return next_ns;
}

std::map<std::string, StateSummary> Service::state_summaries() {
  std::map<std::string, StateSummary> sums;
  for (const auto& worker : workers_)
    worker->call([&] {
      for (const auto& [name, state] : states_) sums[name].add(state->seat(*worker).summary());
    });
  return sums;
}

ServiceSummary Service::snapshot() {
  ServiceSummary sum;
  for (const auto& place : places_) sum.queues.add(place->summary());
  for (const auto& [name, summary] : state_summaries()) sum.states.add(summary);
  return sum;
}

// States go before the queues, so that what they hold gets its verdict; the chains go last: with
// one the kernel drops what still waits in any queue.
ServiceSummary Service::stop() {
  for (const auto& place : places_) place->stop_queueing();
  for (const auto& place : places_) place->drain();
  ServiceSummary sum = snapshot();
  states_.clear();
  sum.queues = {};
  for (const auto& place : places_) sum.queues.add(place->summary());
  workers_.clear();
  places_.clear();
  accounting_.release();
  return sum;
}

}  // namespace nflua::queue
