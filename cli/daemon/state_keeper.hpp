// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out clients' commands on the daemon's states.
// Context: the daemon's thread.
#pragma once

#include <asio/io_context.hpp>
#include <functional>

#include "cli/daemon/deliveries.hpp"
#include "control/command_server.hpp"
#include "datapath/events.hpp"
#include "datapath/queue/service.hpp"

namespace nflua::cli {

class StateKeeper final : public control::Handler {
 public:
  /// Borrows: all. `io`: the loop of the daemon's thread. `events`: are told of chunks that fail.
  /// `defaults`: of states whose creator names no bound.
  StateKeeper(asio::io_context& io, queue::Service& service, control::CommandServer& server,
              Events& events, const Limits& defaults);
  /// Requires: the workers still run.
  ~StateKeeper();

  void settle_data(uint32_t port) override;
  control::Result handle(uint32_t port, uint32_t sequence,
                         const control::Command& command) override;
  /// What STATS of no state tells.
  std::string server_stats() const;

 private:
  using Result = control::Result;

  Result carry_out(const control::Create& create);
  Result carry_out(const control::Destroy& destroy);
  Result carry_out(const control::List& list);
  Result carry_out(const control::Script& script);
  Result carry_out(const control::Data& data);
  Result carry_out(const control::ErrorText& error_text);
  Result carry_out(const control::Printed& printed);
  Result carry_out(const control::Stats& stats);
  Result carry_out(const control::SetLimits& set_limits);
  Result carry_out(const control::Arguments& arguments);

  Result execute(const control::Script& script);
  Result evaluate(const control::Script& script);
  Result reload(const control::Script& script);
  /// Passes the result on. A client in the original's protocol is told no reason: so the log is.
  Result logged(const control::Script& script, Result result);
  Result bind(const std::string& name, std::vector<std::string> arguments);
  Result unbind(const std::string& name, std::vector<std::string> arguments);
  /// Finds the state and does that; what it returns, or that there is no such state.
  Result with_state(std::string_view name,
                    const std::function<Result(queue::NamedState& state)>& action);
  void tell_failed_deliveries();

  queue::Service& service_;
  control::CommandServer& server_;
  Events& events_;
  Limits defaults_;
  Deliveries deliveries_;
  /// Whose the command is that is being carried out.
  uint32_t port_ = 0;
  uint32_t sequence_ = 0;
  /// Once is enough.
  bool has_told_accounting_ = false;
};

}  // namespace nflua::cli
