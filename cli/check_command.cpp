// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua check`: loads a script in an empty state and names the callbacks that it defines.
#include <fmt/format.h>

#include <memory>

#include "cli/command_line.hpp"
#include "cli/limit_options.hpp"
#include "cli/script.hpp"
#include "cli/text_events.hpp"
#include "datapath/replay/replay_host.hpp"

namespace nflua::cli {

namespace {

struct CheckOptions {
  std::string script;
  Limits limits;
};

void check(const CheckOptions& options) {
  TextEvents events;
  replay::Clock clock;
  replay::Conntrack conntrack;
  replay::ReplayHost host(clock, conntrack, events);
  const OwnedState state = load_script(host, options.script, options.limits);
  std::string callbacks;
  for (const char* name : {"match", "target", "__receive_callback"})
    if (state->has_function(name))
      callbacks += fmt::format("{}{}", callbacks.empty() ? "" : ", ", name);
  fmt::print("{}: loads; {} of {} bytes used; callbacks by default name: {}\n", options.script,
             state->bytes_used(), options.limits.max_bytes, callbacks.empty() ? "none" : callbacks);
}

}  // namespace

void add_check_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("check", "Load a script without packets, and name its callbacks");
  const auto options = std::make_shared<CheckOptions>();
  command->add_option("SCRIPT", options->script, "Lua source; - for standard input")->required();
  add_limit_options(*command, options->limits);
  command->callback([options] { check(*options); });
}

}  // namespace nflua::cli
