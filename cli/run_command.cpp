// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua run`: a script's rules over live traffic.
#include <fmt/format.h>
#include <pcap/dlt.h>
#include <systemd/sd-daemon.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>

#include "cli/background_writer.hpp"
#include "cli/command_failure.hpp"
#include "cli/command_line.hpp"
#include "cli/json_events.hpp"
#include "cli/limit_options.hpp"
#include "cli/line_gate.hpp"
#include "cli/locked_events.hpp"
#include "cli/printable.hpp"
#include "cli/queue_options.hpp"
#include "cli/rule_options.hpp"
#include "cli/run_summary.hpp"
#include "cli/script.hpp"
#include "cli/text_events.hpp"
#include "datapath/queue/hooks.hpp"
#include "datapath/queue/service.hpp"

namespace nflua::cli {

namespace {

constexpr int64_t kNsPerUs = 1000;

struct RunOptions {
  std::string script;
  bool json = false;
  bool strict = false;
  QueueOptions queue;
  Limits limits;
  RuleOptions rules;
};

std::optional<BpfProgram> compile_filter(const std::string& expression) {
  if (expression.empty()) return {};
  return value_or_fail(BpfProgram::compile(DLT_RAW, expression), kUsage);
}

/// For people, on standard error, unless nobody takes it.
void write_error(const std::string& text) {
  if (standard_error_takes_a_line()) std::fwrite(text.data(), 1, text.size(), stderr);
}

/// What a person should know.
template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  write_error(
      fmt::format("nflua: {}\n", printable(fmt::format(format, std::forward<Args>(args)...))));
}

/// One run. The members stand in the order in which they need each other.
class LiveRun {
 public:
  LiveRun(const RunOptions& options, const CLI::App& command);
  ExitStatus run();

 private:
  queue::ServiceOptions service_options() const;
  std::unique_ptr<queue::Program> load(uint32_t worker, const queue::QueueRange& served);
  void say_ready() const;
  void wait_for_signal();
  void reload();
  void finish_events();

  const RunOptions& options_;
  const CLI::App& command_;
  std::optional<BpfProgram> filter_;
  Script script_;
  BackgroundWriter json_output_;
  JsonEvents json_events_;
  LineGate line_gate_;
  TextEvents text_events_;
  LockedEvents events_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  queue::Service service_;
};

LiveRun::LiveRun(const RunOptions& options, const CLI::App& command)
    : options_(options),
      command_(command),
      filter_(compile_filter(options.queue.filter())),
      script_(read_script(options.script)),
      json_output_(STDOUT_FILENO),
      json_events_(json_output_),
      text_events_([this] {
        return line_gate_.admit(std::chrono::steady_clock::now(), standard_error_takes_a_line());
      }),
      events_(options.json ? static_cast<Events&>(json_events_) : text_events_),
      signals_(io_, SIGINT, SIGTERM),
      service_(service_options(), events_,
               [this](uint32_t worker, const queue::QueueRange& served) {
                 return load(worker, served);
               }) {
  signals_.add(SIGHUP);
  signals_.add(SIGUSR1);
}

queue::ServiceOptions LiveRun::service_options() const {
  queue::ServiceOptions service = options_.queue.service_options();
  service.name = script_.name;
  service.filter = filter_ ? &*filter_ : nullptr;
  service.tell_packets = options_.json;
  return service;
}

std::unique_ptr<queue::Program> LiveRun::load(uint32_t worker, const queue::QueueRange& served) {
  std::unique_ptr<queue::Program> program =
      value_or_fail(queue::open_program(events_, served), kEnvironment);
  program->state = load_script(program->host, script_, options_.limits, worker);
  program->rules = rules_of(options_.rules, command_, *program->state, script_.path);
  return program;
}

void LiveRun::say_ready() const {
  const queue::ServiceOptions& service = service_.options();
  const queue::QueueRange& queues = service_.queues();
  if (service_.switched_accounting_on())
    say("accounting of connections was off: switched on (net.netfilter.nf_conntrack_acct); "
        "connections older than that have no counters");
  if (service_.filters_here() && service.placement)
    say("--filter has {} instructions, and the kernel's match takes {}: packets outside it are let "
        "through here instead",
        filter_->size(), queue::kMaxKernelFilter);
  std::string what = queues.count == 1 ? fmt::format("queue {}", queues.first)
                                       : fmt::format("queues {}-{}", queues.first,
                                                     queues.first + queues.count - 1);
  if (service.placement)
    what += fmt::format(" at {}, priority {}", queue::hook_name(service.placement->hook),
                        service.placement->priority);
  say("{}: ready: serving {}", script_.name, what);
}

void LiveRun::wait_for_signal() {
  signals_.async_wait([this](std::error_code error, int signal) {
    if (error || signal == SIGINT || signal == SIGTERM) return;
    if (signal == SIGHUP) reload();
    if (signal == SIGUSR1) write_error(run_summary(service_.snapshot(), line_gate_.left_out()));
    wait_for_signal();
  });
}

void LiveRun::reload() {
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, queue::monotonic_ns() / kNsPerUs);
  try {
    if (options_.script == "-")
      throw CommandFailure(kUnreadable, "the script came from standard input, which is used up");
    script_ = read_script(options_.script);
    if (const Failure failure = service_.reload())
      throw CommandFailure(kUnreadable, failure.message());
    say("{}: reloaded", script_.name);
  } catch (const CommandFailure& failure) {
    say("{}: not reloaded, the old script goes on: {}", script_.name, failure.what());
  }
  sd_notify(0, "READY=1");
}

void LiveRun::finish_events() {
  const size_t untaken_bytes = json_output_.finish();
  if (untaken_bytes > 0 || json_events_.lost() > 0)
    say("{} events and {} bytes of events were left out at the end: nobody took them",
        json_events_.lost(), untaken_bytes);
}

ExitStatus LiveRun::run() {
  // Who reads the output and goes away must not end the filter.
  std::signal(SIGPIPE, SIG_IGN);
  if (const Failure failure = service_.start())
    throw CommandFailure(kEnvironment, failure.message());
  say_ready();
  sd_notify(0, "READY=1");
  wait_for_signal();
  io_.run();
  sd_notify(0, "STOPPING=1");
  signals_.clear();  // another one ends the process at once
  const queue::Summary summary = service_.stop();
  if (options_.json)
    finish_events();
  else
    fmt::print("{}", run_summary(summary, line_gate_.left_out()));
  return options_.strict && summary.state.errors > 0 ? kCallbackRaised : kSuccess;
}

constexpr const char* kDescription = R"(Run a script over live traffic

Packets reach the script through NFQUEUE: from rules of yours (--queue), or from one of our own
(--hook). Rules of the script apply in the order given; without any, a global function `match` is a
match, then a global function `target` is a target. SIGINT and SIGTERM end the run in order: what
waits goes by --fail, our rule goes, a table tells what became of the packets. Needs CAP_NET_ADMIN,
and CAP_NET_RAW for replies.)";

constexpr const char* kFooter = R"(Signals
  SIGHUP  Load the script anew, and swap between two packets; an error keeps the old one
  SIGUSR1  Print the counters to standard error
Examples
  nflua run --hook forward sni_block.lua  What this router forwards
  nflua run --hook input --filter 'udp port 53' --target judge dns.lua  Only DNS meets the script
  nflua run --queue 0-3 f.lua  Four threads under iptables' -j NFQUEUE --queue-balance 0:3
)";

}  // namespace

void add_run_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<RunOptions>();
  command->add_option("SCRIPT", options->script, "Lua source; - for standard input")->required();
  options->queue.add_to(*command);
  options->rules.add_to(*command);
  command->add_flag("--json", options->json, "Tell every event as a line of JSON (docs/events.md)");
  command->add_flag("--strict", options->strict, "Exit with 1 if a callback raised");
  add_limit_options(*command, options->limits);
  command->callback([options, command] {
    const ExitStatus status = LiveRun(*options, *command).run();
    if (status != kSuccess) throw CommandFailure(status, "");
  });
}

}  // namespace nflua::cli
