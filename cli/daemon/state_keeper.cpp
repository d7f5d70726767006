// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/daemon/state_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

#include "cli/bind_options.hpp"
#include "cli/command_failure.hpp"
#include "cli/daemon/stats_json.hpp"
#include "cli/live_output.hpp"
#include "cli/place_notes.hpp"
#include "datapath/engine_text.hpp"
#include "datapath/queue/obstacles.hpp"
#include "datapath/queue/queue_host.hpp"

namespace nflua::cli {

namespace {

using control::Carried;

static_assert(queue::PrintedText::kMaxBytes == NFLUA_MAX_PRINTED_BYTES);

/// Carried out, unless it failed.
control::Result result_of(Failure failure) {
  if (failure) return failure;
  return Carried{};
}

std::string string_of(control::ByteView bytes) { return {bytes.begin(), bytes.end()}; }

Outcome<OwnedState> create_state(Host& host, const std::string& name, const Limits& limits,
                                 uint32_t worker) {
  const nflua::Result<State*> created = State::create(host, text_of(name), limits, worker);
  if (!created) return Failure(fmt::format("{}: {}", name, created.error().text()));
  return OwnedState(*created);
}

/// Of a chunk, as the engine shows it in messages.
std::string shown_name(std::string_view name) {
  const bool is_printable =
      std::none_of(name.begin(), name.end(), [](char c) { return uint8_t(c) < ' ' || c == 0x7f; });
  return std::string(is_printable && !name.empty() ? name : "chunk");
}

uint32_t clamped(uint64_t value) { return uint32_t(std::min<uint64_t>(value, UINT32_MAX)); }

/// 0 leaves a bound as it is.
template <class Bound, class Value>
void set_bound(Bound& bound, Value value) {
  if (value > 0) bound = Bound(std::min<uint64_t>(value, std::numeric_limits<Bound>::max()));
}

}  // namespace

StateKeeper::StateKeeper(asio::io_context& io, queue::Service& service,
                         control::CommandServer& server, Events& events, const Limits& defaults)
    : service_(service),
      server_(server),
      events_(events),
      defaults_(defaults),
      deliveries_([this, &io] { asio::post(io, [this] { tell_failed_deliveries(); }); }) {}

StateKeeper::~StateKeeper() { deliveries_.wait_for_all(); }

void StateKeeper::settle_data(uint32_t port) {
  deliveries_.wait_for(port);
  tell_failed_deliveries();
}

control::Result StateKeeper::handle(uint32_t port, uint32_t sequence,
                                    const control::Command& command) {
  port_ = port;
  sequence_ = sequence;
  try {
    return std::visit([this](const auto& each) { return carry_out(each); }, command);
  } catch (const CommandFailure& failure) {
    return Failure(failure.what());
  }
}

void StateKeeper::tell_failed_deliveries() {
  for (const FailedDelivery& failed : deliveries_.take_failures())
    server_.fail_data(failed.port, failed.sequence, failed.why);
}

control::Result StateKeeper::with_state(
    std::string_view name, const std::function<Result(queue::NamedState& state)>& action) {
  Outcome<queue::NamedState*> state = service_.find(std::string(name));
  if (!state) return state.failure();
  return action(**state);
}

control::Result StateKeeper::carry_out(const control::Create& create) {
  const std::string name(create.name);
  if (service_.states().size() >= NFLUA_MAX_STATES)
    return Failure(
        fmt::format("{}: there are {} states already, which is the most: more could not "
                    "be listed; destroy one first",
                    name, NFLUA_MAX_STATES));
  Limits limits = defaults_;
  if (create.maxalloc != 0) limits.max_bytes = create.maxalloc;
  return result_of(service_.create(
      name, [&](Host& host, uint32_t worker) { return create_state(host, name, limits, worker); }));
}

control::Result StateKeeper::carry_out(const control::Destroy& destroy) {
  const std::string name(destroy.name);
  const Failure failure = service_.destroy(name);
  if (!failure) deliveries_.forget(name);
  return result_of(failure);
}

control::Result StateKeeper::carry_out(const control::List&) {
  std::vector<control::ListedState> rows;
  for (const auto& [name, summary] : service_.state_summaries())
    rows.push_back({name, clamped(service_.states().at(name)->limits().max_bytes),
                    clamped(summary.bytes_of_fullest)});
  return rows;
}

control::Result StateKeeper::carry_out(const control::Script& script) {
  if (script.type == NFLUA_RELOAD) return logged(script, reload(script));
  if (script.type == NFLUA_EXECUTE) return logged(script, execute(script));
  return evaluate(script);
}

control::Result StateKeeper::logged(const control::Script& script, Result result) {
  if (const auto* failure = std::get_if<Failure>(&result)) {
    const std::string state(script.name);
    const std::string chunk = shown_name(script.script);
    events_.log(queue::realtime_ns(), {ReportKind::callback_error, text_of(state), text_of(chunk),
                                       text_of(failure->message())});
  }
  return result;
}

control::Result StateKeeper::execute(const control::Script& script) {
  return with_state(script.name, [&](queue::NamedState& state) {
    Failure failure = state.execute(string_of(script.chunk), std::string(script.script));
    server_.keep_printed(port_, state.printed());
    return result_of(std::move(failure));
  });
}

control::Result StateKeeper::evaluate(const control::Script& script) {
  return with_state(script.name, [&](queue::NamedState& state) -> Result {
    Outcome<std::string> text = state.evaluate(string_of(script.chunk), std::string(script.script));
    server_.keep_printed(port_, state.printed());
    if (!text) return text.failure();
    return std::move(*text);
  });
}

control::Result StateKeeper::reload(const control::Script& script) {
  return with_state(script.name, [&](queue::NamedState& state) {
    const Limits limits = state.limits();
    const std::string source = string_of(script.chunk);
    const std::string chunk_name(script.script);
    const auto make = [&](Host& host, uint32_t worker) -> Outcome<OwnedState> {
      Outcome<OwnedState> fresh = create_state(host, state.name(), limits, worker);
      if (!fresh) return fresh;
      State& loaded = **fresh;
      Failure failure = failure_of(loaded.load(text_of(source), text_of(chunk_name)), loaded);
      if (failure) return failure;
      return fresh;
    };
    Failure failure = service_.reload(state.name(), make);
    server_.keep_printed(port_, state.printed());
    return result_of(std::move(failure));
  });
}

control::Result StateKeeper::carry_out(const control::Data& data) {
  return with_state(data.name, [&](queue::NamedState& state) -> Result {
    const DeliveryTicket ticket = {state.name(), port_, sequence_};
    if (Failure failure = deliveries_.begin(ticket)) return failure;
    state.receive(port_, {data.bytes.begin(), data.bytes.end()},
                  [this, ticket](const Failure& failure, int64_t took_ns) {
                    deliveries_.end(ticket, failure, took_ns);
                  });
    return control::OnItsWay{};
  });
}

// The server has these texts, and answers by itself.
control::Result StateKeeper::carry_out(const control::ErrorText&) { return Carried{}; }
control::Result StateKeeper::carry_out(const control::Printed&) { return Carried{}; }

control::Result StateKeeper::carry_out(const control::Stats& stats) {
  if (stats.name.empty()) return server_stats();
  return with_state(stats.name, [this](queue::NamedState& state) -> Result {
    return state_stats_json(state, service_.places());
  });
}

std::string StateKeeper::server_stats() const {
  return server_stats_json(service_, server_, deliveries_.refused());
}

control::Result StateKeeper::carry_out(const control::SetLimits& set_limits) {
  return with_state(set_limits.name, [&](queue::NamedState& state) -> Result {
    const control::LimitValues& values = set_limits.values;
    Limits limits = state.limits();
#define NFLUA_LIMIT(key, ...) set_bound(limits.key, values.key);
    NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
    state.set_limits(limits);
    return Carried{};
  });
}

control::Result StateKeeper::carry_out(const control::Arguments& arguments) {
  const std::string name(arguments.name);
  std::vector<std::string> texts(arguments.arguments.begin(), arguments.arguments.end());
  return arguments.type == NFLUA_BIND ? bind(name, std::move(texts))
                                      : unbind(name, std::move(texts));
}

control::Result StateKeeper::bind(const std::string& name, std::vector<std::string> arguments) {
  CLI::App command({}, "bind");
  BindOptions options;
  options.add_to(command);
  parse_arguments(command, std::move(arguments));
  return with_state(name, [&](queue::NamedState& state) -> Result {
    const auto has_function = [&](const char* function) { return state.has_function(function); };
    const std::vector<Rule> rules = options.rules(has_function);
    Outcome<queue::Place*> place = service_.bind(name, options.place(), rules);
    if (!place) return place.failure();
    std::string text = fmt::format("{}: bound to {}", name, (*place)->description());
    for (const std::string& function : undefined_functions(rules, has_function))
      text += fmt::format("; it defines no function '{}' yet, so that rule won't decide", function);
    for (const std::string& note : device_notes((*place)->options())) text += "; " + note;
    const std::string filter = filter_note(**place);
    if (!filter.empty()) text += "; " + filter;
    for (const std::string& note : queue::advice(options.place(), queue::find_obstacles()))
      text += "; " + note;
    const std::string accounting = accounting_note(service_.accounting());
    if (!accounting.empty() && !std::exchange(has_told_accounting_, true))
      text += "; " + accounting;
    say("{}", text);
    return text;
  });
}

control::Result StateKeeper::unbind(const std::string& name, std::vector<std::string> arguments) {
  CLI::App command({}, "unbind");
  UnbindOptions options;
  options.add_to(command);
  parse_arguments(command, std::move(arguments));
  Outcome<size_t> removed = service_.unbind(name, options.selection());
  if (!removed) return removed.failure();
  const std::string text =
      fmt::format("{}: {} rule{} unbound", name, *removed, *removed == 1 ? "" : "s");
  say("{}", text);
  return text;
}

}  // namespace nflua::cli
