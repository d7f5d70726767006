// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua run`: a script's rules over live traffic.
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <cinttypes>
#include <csignal>
#include <memory>

#include "cli/command_failure.hpp"
#include "cli/command_line.hpp"
#include "cli/limit_options.hpp"
#include "cli/live_output.hpp"
#include "cli/place_notes.hpp"
#include "cli/queue_options.hpp"
#include "cli/rule_options.hpp"
#include "cli/rules_guard.hpp"
#include "cli/run_summary.hpp"
#include "cli/script.hpp"
#include "cli/utc_option.hpp"
#include "datapath/queue/obstacles.hpp"
#include "datapath/queue/service.hpp"

namespace nflua::cli {

namespace {

constexpr int64_t kNsPerUs = 1000;

struct RunOptions {
  std::string script;
  bool json = false;
  TimeZone zone = TimeZone::local;
  bool strict = false;
  QueueOptions queue;
  Limits limits;
  RuleOptions rules;
};

/// One run. The members stand in the order in which they need each other.
class LiveRun {
 public:
  LiveRun(const RunOptions& options, const CLI::App& command);
  ExitStatus run();

 private:
  queue::ServiceOptions service_options() const;
  OwnedState load(Host& host, uint32_t worker);
  const queue::Place& start();
  void say_ready(const queue::Place& place) const;
  void wait_for_signal();
  void reload();

  const RunOptions& options_;
  const CLI::App& command_;
  queue::PlaceOptions place_;
  Script script_;
  std::vector<Rule> rules_;
  LiveOutput output_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  queue::Service service_;
  RulesGuard rules_guard_;
};

LiveRun::LiveRun(const RunOptions& options, const CLI::App& command)
    : options_(options),
      command_(command),
      place_(options.queue.place_options()),
      script_(read_script(options.script)),
      output_(options.json, options.zone),
      signals_(io_, SIGINT, SIGTERM),
      service_(service_options(), output_.events()),
      rules_guard_(io_, service_) {
  signals_.add(SIGHUP);
  signals_.add(SIGUSR1);
}

queue::ServiceOptions LiveRun::service_options() const {
  queue::ServiceOptions service;
  service.name = script_.name;
  service.workers = options_.queue.workers();
  service.tell_packets = options_.json;
  return service;
}

OwnedState LiveRun::load(Host& host, uint32_t worker) {
  OwnedState state = load_script(host, script_, options_.limits, worker);
  // All replicas run the same script.
  if (worker == 1) rules_ = rules_of(options_.rules, command_, *state, script_.path);
  return state;
}

const queue::Place& LiveRun::start() {
  const auto check = [](const Failure& failure) {
    if (failure) throw CommandFailure(kEnvironment, failure.message());
  };
  check(service_.start());
  rules_guard_.start();
  check(service_.create(script_.name,
                        [this](Host& host, uint32_t worker) { return load(host, worker); }));
  return *value_or_fail(service_.bind(script_.name, place_, rules_), kEnvironment);
}

void LiveRun::say_ready(const queue::Place& place) const {
  const std::string accounting = accounting_note(service_.accounting());
  if (!accounting.empty()) say("{}", accounting);
  for (const std::string& note : device_notes(place_)) say("{}", note);
  const std::string filter = filter_note(place);
  if (!filter.empty()) say("{}", filter);
  for (const std::string& text : queue::advice(place_, queue::find_obstacles())) say("{}", text);
  say("{}: ready: serving {}", script_.name, place.description());
}

void LiveRun::wait_for_signal() {
  signals_.async_wait([this](std::error_code error, int signal) {
    if (error || signal == SIGINT || signal == SIGTERM) return io_.stop();
    if (signal == SIGHUP) reload();
    if (signal == SIGUSR1) write_error(run_summary(service_.snapshot(), output_.lines_left_out()));
    wait_for_signal();
  });
}

void LiveRun::reload() {
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, queue::monotonic_ns() / kNsPerUs);
  const std::string& name = script_.name;
  try {
    if (options_.script == "-")
      throw CommandFailure(kUnreadable, "the script came from standard input, which is used up");
    script_ = read_script(options_.script);
    const auto make = [this](Host& host, uint32_t worker) { return load(host, worker); };
    if (const Failure failure = service_.reload(name, make, &rules_))
      throw CommandFailure(kUnreadable, failure.message());
    say("{}: reloaded", name);
  } catch (const CommandFailure& failure) {
    say("{}: not reloaded, the old script goes on: {}", name, failure.what());
  }
  rules_guard_.look();
  sd_notify(0, "READY=1");
}

ExitStatus LiveRun::run() {
  say_ready(start());
  sd_notify(0, "READY=1");
  wait_for_signal();
  io_.run();
  sd_notify(0, "STOPPING=1");
  signals_.clear();  // another one ends the process at once
  const queue::ServiceSummary summary = service_.stop();
  output_.finish();
  if (!options_.json) fmt::print("{}", run_summary(summary, output_.lines_left_out()));
  return options_.strict && summary.states.counters.errors > 0 ? kCallbackRaised : kSuccess;
}

constexpr const char* kDescription = R"(Run a script over live traffic

Packets reach the script through NFQUEUE, either from your own rules (--queue) or from a rule that
nflua makes (--hook). Rules of the script apply in the order given. Without any rule, the global
function `match` is used as a match, and after it the global function `target` as a target. SIGINT
and SIGTERM end the run in order: --fail decides about waiting packets, nflua removes its own rule,
and a table counts the packets by what happened to them. This needs CAP_NET_ADMIN, and CAP_NET_RAW
for replies.)";

constexpr const char* kFooter = R"(Signals
  SIGHUP  Load the script again, and replace the old one between two packets; after an error the old one stays
  SIGUSR1  Print the counters to standard error
Examples
  nflua run --hook forward sni_block.lua  Filter what this router forwards
  nflua run --hook input --filter 'udp port 53' --target judge dns.lua  Show only DNS to the script
  nflua run --queue 0-3 f.lua  Serve iptables' -j NFQUEUE --queue-balance 0:3 with four threads
)";

}  // namespace

void add_run_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<RunOptions>();
  command->add_option("SCRIPT", options->script, "Lua source; - for standard input")->required();
  options->queue.add_to(*command);
  options->queue.add_workers_to(*command);
  options->rules.add_to(*command);
  command->add_flag("--json", options->json,
                    "Write every event as a line of JSON (docs/events.md)");
  add_utc_option(*command, options->zone);
  command->add_flag("--strict", options->strict,
                    "Exit with status 1 if a callback raised an error");
  add_limit_options(*command, options->limits);
  command->callback([options, command] {
    const ExitStatus status = LiveRun(*options, *command).run();
    if (status != kSuccess) throw CommandFailure(status, "");
  });
}

}  // namespace nflua::cli
