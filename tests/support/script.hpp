// SPDX-License-Identifier: GPL-2.0-or-later
// A script in a state of its own, for tests.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/state.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/fake_packet.hpp"

namespace nflua::test {

class Script {
 public:
  /// Fails the test when the script doesn't load.
  explicit Script(std::string_view source, const Limits& limits = {});
  ~Script() { close(); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  void close();

  /// Runs more code in the state. Returns its error, empty for none.
  std::string load(std::string_view source);
  /// Offers the packet to the global function `target`; what it returned.
  TargetAnswer target(Packet& packet) { return state().target("target", packet); }
  MatchAnswer match(Packet& packet) { return state().match("match", packet); }
  /// Runs `body` as a target over the packet, `pkt`; what it printed, and its errors.
  std::string run(std::string_view body, Packet& packet);

  /// Loads the code again and again, each time with the next allocation failing, until it needs no
  /// more of them; `check` is told each time whether it loaded.
  void fail_each_allocation(std::string_view source, const std::function<void(bool)>& check);

  State& state() { return *state_; }
  FakeHost& host() { return host_; }
  std::string errors() const { return host_.texts(ReportKind::callback_error); }
  std::string printed() const { return host_.texts(ReportKind::print); }

 private:
  FakeHost host_;
  State* state_ = nullptr;
};

/// What `body`, run as a target over `packet` in a new state, printed, and its errors.
std::string run_body(std::string_view body, const Buffer& packet);

}  // namespace nflua::test
