// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/server_options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "datapath/parse_number.hpp"

namespace nflua::cli {

namespace {

/// What --daemon without a port stands for, as text that parse_port() takes.
constexpr const char* kDefaultPort = "0x4e464c41";
constexpr double kMsPerSecond = 1000;
/// poll() counts milliseconds in an int: 23 days.
constexpr int kMaxSeconds = 2'000'000;

ExitStatus status_of(control::Trouble trouble) {
  switch (trouble) {
    case control::Trouble::refused:
      return kRefused;
    case control::Trouble::unsendable:
      return kUsage;
    default:
      return kEnvironment;
  }
}

}  // namespace

control::Answer Session::call(const control::Command& command) {
  auto answer = client_.call(command, timeout_);
  if (!answer) fail();
  return std::move(*answer);
}

void Session::send(const control::Data& data) {
  if (client_.send(data, timeout_)) fail();
}

void Session::fail() const {
  throw CommandFailure(status_of(client_.trouble()), client_.failure().message());
}

control::Milliseconds parse_seconds(const char* option, const std::string& text) {
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  const bool is_number = error == std::errc() && stop == end;
  if (!is_number || !(seconds > 0 && seconds <= kMaxSeconds))
    throw CLI::ValidationError(
        option,
        fmt::format("expected seconds, above 0 and up to {}, found '{}'", kMaxSeconds, text));
  return std::chrono::ceil<control::Milliseconds>(
      std::chrono::duration<double, std::milli>(seconds * kMsPerSecond));
}

uint32_t parse_port(const char* option, const std::string& text) {
  const bool is_hex = text.starts_with("0x");
  const auto port = parse_number<uint32_t>(is_hex ? text.substr(2) : text, is_hex ? 16 : 10);
  if (!port || *port == 0)
    throw CLI::ValidationError(
        option, fmt::format("expected a netlink port, 1 to 4294967295, found '{}'", text));
  return *port;
}

void ServerOptions::add_server_to(CLI::App& command) {
  // A flag, so that it doesn't take what follows for its port.
  CLI::Option* daemon =
      command.add_flag(fmt::format("--daemon{{{}}}", kDefaultPort), daemon_port_)
          ->description(fmt::format("Talk to the daemon (the default); "
                                    "--daemon=PORT: at another netlink port than {}",
                                    kDefaultPort))
          ->group(kServerGroup);
  command.add_flag("--kernel", kernel_, "Talk to the kernel module")
      ->excludes(daemon)
      ->group(kServerGroup);
}

void ServerOptions::add_to(CLI::App& command) {
  add_server_to(command);
  command
      .add_option_function<std::string>(
          "--timeout",
          [this](const std::string& text) { timeout_ = parse_seconds("--timeout", text); },
          "Wait at most so long for an answer (default 5)")
      ->type_name("SECONDS")
      ->group(kServerGroup);
}

control::Server ServerOptions::server() const {
  if (kernel_) return control::kKernelModule;
  control::Server daemon;
  if (!daemon_port_.empty()) daemon.port = parse_port("--daemon", daemon_port_);
  return daemon;
}

Session ServerOptions::connect() const {
  control::ClientOptions options;
  options.socket.server = server();
  return {value_or_fail(control::Client::open(options), kEnvironment), timeout_};
}

}  // namespace nflua::cli
