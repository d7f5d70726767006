// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua stats`: the counters of a state, or of the server.
#include <fmt/format.h>

#include <memory>

#include "cli/client/json_text.hpp"
#include "cli/client/server_options.hpp"
#include "cli/command_line.hpp"

namespace nflua::cli {

namespace {

struct StatsOptions {
  std::string state;
  bool json = false;
  ServerOptions server;
};

void stats(const StatsOptions& options) {
  const control::Answer answer = options.server.connect().call(control::Stats{options.state});
  if (options.json)
    fmt::print("{}\n", answer.text);
  else
    fmt::print("{}", value_or_fail(readable_json(answer.text), kEnvironment));
}

constexpr const char* kDescription = R"(Print the counters of a state, or of the server

docs/stats.md says what each counts. With --json they are one object.)";

}  // namespace

void add_stats_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("stats", kDescription);
  const auto options = std::make_shared<StatsOptions>();
  command->add_option("NAME", options->state, "The state (default: the server)");
  command->add_flag("--json", options->json, "Write JSON (docs/stats.md)");
  options->server.add_to(*command);
  command->callback([options] { stats(*options); });
}

}  // namespace nflua::cli
