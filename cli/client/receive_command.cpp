// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua receive`: what scripts send by netlink.send.
#include <fmt/format.h>

#include <memory>

#include "cli/client/datagram_writer.hpp"
#include "cli/client/number_gaps.hpp"
#include "cli/client/one_line.hpp"
#include "cli/client/server_options.hpp"
#include "cli/command_line.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_values.hpp"

namespace nflua::cli {

namespace {

/// Ctrl-C may come just before a wait begins, which then doesn't see it.
constexpr control::Milliseconds kLongestWait{500};
/// Netlink has as many for a socket to name at its bind().
constexpr uint32_t kMostGroups = 32;
constexpr int kReceiveBufferBytes = 8 << 20;

struct ReceiveOptions {
  std::string port;
  std::vector<uint32_t> groups;
  uint64_t count = 0;
  std::optional<control::Milliseconds> timeout;
  bool json = false;
  bool raw = false;
  ServerOptions server;
};

DatagramForm form_of(const ReceiveOptions& options) {
  if (options.json) return DatagramForm::json;
  return options.raw ? DatagramForm::raw : DatagramForm::text;
}

control::Client open_client(const ReceiveOptions& options) {
  control::ClientOptions client;
  client.socket.server = options.server.server();
  if (!options.port.empty()) client.socket.own_port = parse_port("--port", options.port);
  client.socket.groups = options.groups;
  client.socket.receive_buffer_bytes = kReceiveBufferBytes;
  client.data_of_anyone = true;
  return value_or_fail(control::Client::open(client), kEnvironment);
}

class Reception {
 public:
  explicit Reception(const ReceiveOptions& options)
      : options_(options), client_(open_client(options)), form_(form_of(options)) {}

  void run() {
    fmt::print(stderr, "nflua: receiving at port {}\n", client_.port());
    const Interrupt interrupt;
    auto heard = Clock::now();
    while (!interrupt.is_wanted() && !has_all() && !is_silent(heard)) {
      const auto datagram = value_or_fail(client_.receive(kLongestWait), kEnvironment);
      tell_overruns();
      if (!datagram) continue;
      heard = Clock::now();
      take(*datagram);
    }
    fmt::print(stderr, "nflua: received {} messages, {} missing, {} overruns\n", received_,
               gaps_.missing(), client_.counters().overruns);
    if (options_.count > 0 && !has_all() && !interrupt.is_wanted())
      throw CommandFailure(kTooFew, fmt::format("found {} messages in the time given, expected {}",
                                                received_, options_.count));
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool has_all() const { return options_.count > 0 && received_ >= options_.count; }
  bool is_silent(Clock::time_point heard) const {
    return options_.timeout && Clock::now() - heard >= *options_.timeout;
  }

  void take(const control::Datagram& datagram) {
    ++received_;
    if (const uint64_t missing = gaps_.add(datagram))
      fmt::print(stderr, "nflua: {}: {} messages missing before number {}\n",
                 one_line(datagram.state), missing, datagram.number);
    write_datagram(datagram, form_);
  }

  void tell_overruns() {
    const uint64_t overruns = client_.counters().overruns;
    if (overruns != std::exchange(overruns_told_, overruns))
      fmt::print(stderr, "nflua: messages were lost: they came faster than they were read\n");
  }

  const ReceiveOptions& options_;
  control::Client client_;
  DatagramForm form_;
  NumberGaps gaps_;
  uint64_t received_ = 0;
  uint64_t overruns_told_ = 0;
};

constexpr const char* kDescription = R"(Print the messages that scripts send by netlink.send

These are the messages that scripts send to this process's port, which is printed at the start, and to
the groups of --groups, which need CAP_NET_ADMIN. The command runs until SIGINT or SIGTERM, unless
--count or --timeout ends it. A state numbers all messages that it sends. Numbers that are missing here
were lost, or went to another port.)";

constexpr const char* kFooter = R"(Examples
  nflua receive --port 5000  Print what a script sends by netlink.send(5000, 0, data)
  nflua receive --groups 1 --json | jq .  Write JSON for programs (docs/events.md)
)";

}  // namespace

void add_receive_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("receive", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<ReceiveOptions>();
  command->add_option("--port", options->port, "Listen at this port (default: one that is free)")
      ->type_name("N");
  const auto add_group = [options](const std::vector<std::string>& texts) {
    for (const std::string& text : texts)
      options->groups.push_back(uint32_t(parse_bounded("--groups", text, 1, kMostGroups)));
  };
  command
      ->add_option_function<std::vector<std::string>>("--groups", add_group,
                                                      "Also listen to these multicast groups")
      ->delimiter(',')
      ->type_name("N,N");
  add_number(*command, "--count", options->count, 1, INT64_MAX)
      ->description("Exit after so many messages");
  command
      ->add_option_function<std::string>(
          "--timeout",
          [options](const std::string& text) {
            options->timeout = parse_seconds("--timeout", text);
          },
          "Exit when no message has come for so long")
      ->type_name("SECONDS");
  CLI::Option* json = command->add_flag("--json", options->json,
                                        "Write each as an object of JSON (docs/events.md)");
  command->add_flag("--raw", options->raw, "Write only their bytes")->excludes(json);
  options->server.add_server_to(*command);
  command->callback([options] { Reception(*options).run(); });
}

}  // namespace nflua::cli
