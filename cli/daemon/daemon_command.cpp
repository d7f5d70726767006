// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua daemon`: many states, steered over netlink (docs/control.md).
#include <fmt/format.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <csignal>
#include <memory>

#include "cli/client/server_options.hpp"
#include "cli/command_failure.hpp"
#include "cli/command_line.hpp"
#include "cli/daemon/state_keeper.hpp"
#include "cli/limit_options.hpp"
#include "cli/live_output.hpp"
#include "cli/option_values.hpp"
#include "cli/place_notes.hpp"
#include "cli/rules_guard.hpp"
#include "cli/run_summary.hpp"
#include "cli/utc_option.hpp"

namespace nflua::cli {

namespace {

/// Silent clients are forgotten, at the latest so long after they may be.
constexpr std::chrono::seconds kExpiryPeriod{1};

struct DaemonOptions {
  uint32_t port = NFLUA_DAEMON_PORT;
  unsigned workers = 1;
  bool json = false;
  TimeZone zone = TimeZone::local;
  Limits limits;
};

/// Many states may have a socket each: as many as the system lets us.
void raise_open_files() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

/// The members stand in the order in which they need each other.
class Daemon {
 public:
  explicit Daemon(const DaemonOptions& options);
  ~Daemon() { messages_.release(); }
  void run();

 private:
  queue::ServiceOptions service_options() const;
  void wait_for_messages();
  void wait_for_expiry();
  void wait_for_signal();

  const DaemonOptions& options_;
  LiveOutput output_;
  control::CommandServer server_;
  asio::io_context io_{1};
  asio::posix::stream_descriptor messages_;
  asio::steady_timer expiry_;
  asio::signal_set signals_;
  queue::Service service_;
  StateKeeper keeper_;
  RulesGuard rules_guard_;
};

Daemon::Daemon(const DaemonOptions& options)
    : options_(options),
      output_(options.json, options.zone),
      server_(value_or_fail(control::CommandServer::open(options.port), kEnvironment)),
      messages_(io_, server_.fd()),
      expiry_(io_),
      signals_(io_, SIGINT, SIGTERM, SIGHUP),
      service_(service_options(), output_.events()),
      keeper_(io_, service_, server_, output_.events(), options.limits),
      rules_guard_(io_, service_) {
  signals_.add(SIGUSR1);
}

queue::ServiceOptions Daemon::service_options() const {
  queue::ServiceOptions service;
  service.name =
      options_.port == NFLUA_DAEMON_PORT ? "daemon" : fmt::format("daemon{:x}", options_.port);
  service.workers = options_.workers;
  service.max_datagram_bytes = server_.limits().data_bytes();
  service.groups = queue::GroupSocket(server_.fd(), server_.port());
  return service;
}

void Daemon::wait_for_messages() {
  messages_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    if (error) return;
    server_.receive_some(keeper_);
    wait_for_messages();
  });
}

void Daemon::wait_for_expiry() {
  expiry_.expires_after(kExpiryPeriod);
  expiry_.async_wait([this](std::error_code error) {
    if (error) return;
    server_.expire();
    wait_for_expiry();
  });
}

void Daemon::wait_for_signal() {
  signals_.async_wait([this](std::error_code error, int signal) {
    if (error || signal != SIGUSR1) return io_.stop();
    write_error(keeper_.server_stats() + "\n");
    wait_for_signal();
  });
}

void Daemon::run() {
  if (const Failure failure = service_.start())
    throw CommandFailure(kEnvironment, failure.message());
  rules_guard_.start();
  wait_for_messages();
  wait_for_expiry();
  wait_for_signal();
  say_about_permission();
  say("daemon: ready: serving port {:#x}", server_.port());
  sd_notify(0, "READY=1");
  io_.run();
  sd_notify(0, "STOPPING=1");
  signals_.clear();  // another one ends the process at once
  const queue::ServiceSummary summary = service_.stop();
  output_.finish();
  if (!options_.json) fmt::print("{}", run_summary(summary, output_.lines_left_out()));
}

constexpr const char* kDescription = R"(Keep many states that other programs control

Clients create states, load chunks into them, bind their functions to queues and hooks, and exchange data with them.
A client is `nflua create`, `execute`, `bind` and so on, a Lua program with the module `nflua`, or any program that
sends the messages of docs/protocol.md. The daemon starts without any state, stays in the foreground, and tells systemd
when it is ready. It serves its own user and root. SIGINT, SIGTERM and SIGHUP end it in order: --fail of each place
decides about waiting packets, and the daemon removes its own rules. This needs CAP_NET_ADMIN, and CAP_NET_RAW for
replies.)";

constexpr const char* kFooter = R"(Signals
  SIGUSR1  Print the output of `nflua stats --json` to standard error
Examples
  nflua daemon  Then, in another shell: nflua create dns; nflua execute dns f.lua; nflua bind dns --hook forward
  nflua daemon --workers 4  Use four threads, each with a replica of each state and a queue at each place
)";

}  // namespace

void add_daemon_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("daemon", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<DaemonOptions>();
  command
      ->add_option_function<std::string>(
          "--port",
          [options](const std::string& text) { options->port = parse_port("--port", text); },
          "Netlink port that clients send to (default 0x4e464c41)")
      ->type_name("N");
  add_number(*command, "--workers", options->workers, 1, queue::kMaxWorkers)
      ->description("Threads, each with a replica of each state (default 1)");
  command->add_flag("--json", options->json,
                    "Write logs and datagrams as lines of JSON (docs/events.md)");
  add_utc_option(*command, options->zone);
  add_limit_options(*command, options->limits);
  command->callback([options] {
    raise_open_files();
    Daemon(*options).run();
  });
}

}  // namespace nflua::cli
