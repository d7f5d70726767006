// SPDX-License-Identifier: GPL-2.0-or-later
// Which server a subcommand talks to, and how.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/command_failure.hpp"
#include "control/client.hpp"

namespace nflua::cli {

/// One subcommand's conversation with a server. What fails is thrown as CommandFailure.
class Session {
 public:
  Session(control::Client client, control::Milliseconds timeout)
      : client_(std::move(client)), timeout_(timeout) {}

  control::Answer call(const control::Command& command);
  /// DATA, whose failure comes later (control/client.hpp).
  void send(const control::Data& data);
  /// Throws what the last call failed of.
  [[noreturn]] void fail() const;

  control::Client& client() { return client_; }
  control::Milliseconds timeout() const { return timeout_; }

 private:
  control::Client client_;
  control::Milliseconds timeout_;
};

/// Of the options below, in the manual.
inline constexpr const char* kServerGroup = "Server";

class ServerOptions {
 public:
  /// Adds --daemon, --kernel and --timeout. Borrows: this object, which parsing fills.
  void add_to(CLI::App& command);
  /// Adds --daemon and --kernel.
  void add_server_to(CLI::App& command);

  control::Server server() const;
  Session connect() const;

 private:
  std::string daemon_port_;
  bool kernel_ = false;
  control::Milliseconds timeout_{5000};
};

/// "--timeout" and the like: seconds, above 0. Errors: throws what CLI11 reports.
control::Milliseconds parse_seconds(const char* option, const std::string& text);

/// A port id, decimal or 0x hexadecimal, not 0. Errors: throws what CLI11 reports.
uint32_t parse_port(const char* option, const std::string& text);

}  // namespace nflua::cli
