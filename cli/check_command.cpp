// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua check`: loads a script in an empty state and names the callbacks that it defines.
#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>

#include "cli/command_failure.hpp"
#include "cli/command_line.hpp"
#include "cli/limit_options.hpp"
#include "cli/printable.hpp"
#include "cli/script.hpp"
#include "cli/text_events.hpp"
#include "datapath/replay/replay_host.hpp"

namespace nflua::cli {

namespace {

struct CheckOptions {
  std::string script;
  Limits limits;
};

/// Called where no option says otherwise, and as what.
struct DefaultCallback {
  const char* name;
  const char* use;
};
constexpr DefaultCallback kDefaultCallbacks[] = {
    {"match", "a match, unless the command line names rules"},
    {"target", "a target, unless the command line names rules"},
    {"__receive_callback", "receives messages (--data)"},
};

/// The names of all functions that a rule may name, in order.
class FunctionNames final : public FunctionVisitor {
 public:
  void visit(Text name) override { names_.emplace(name.data(), name.size()); }
  /// Those with a use: also where they are no function written in Lua.
  void add_defaults(State& state) {
    for (const DefaultCallback& callback : kDefaultCallbacks)
      if (state.has_function(callback.name)) names_.emplace(callback.name);
  }
  const std::set<std::string>& names() const { return names_; }

 private:
  std::set<std::string> names_;
};

void print_function(const std::string& name) {
  fmt::print("  {}", printable(name));
  for (const DefaultCallback& callback : kDefaultCallbacks)
    if (name == callback.name) fmt::print("  ({})", callback.use);
  fmt::print("\n");
}

void check(const CheckOptions& options) {
  TextEvents events(TimeZone::local);
  Clock clock;
  replay::Conntrack conntrack;
  replay::ReplayHost host(clock, conntrack, events);
  const OwnedState state = load_script(host, read_script(options.script), options.limits);
  FunctionNames functions;
  if (const Error error = state->visit_functions(functions))
    throw CommandFailure(
        kUnreadable, fmt::format("{}: can't list its functions: {}", options.script, error.text()));
  functions.add_defaults(*state);
  fmt::print("{}: loads; {} of {} bytes used\n", options.script, state->bytes_used(),
             options.limits.max_bytes);
  if (functions.names().empty())
    fmt::print("defines no global function: nothing that a rule could call\n");
  else
    fmt::print("functions that a rule can call:\n");
  for (const std::string& name : functions.names()) print_function(name);
}

constexpr const char* kDescription = R"(Load a script without packets, and list its callbacks

Each global function that the script defines can be a callback. If it defines none, the exit status
is still 0, since it may define them later.)";

constexpr const char* kFooter = R"(Examples
  nflua check filter.lua  Print the file and line of an error, or the functions
)";

}  // namespace

void add_check_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("check", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<CheckOptions>();
  command->add_option("SCRIPT", options->script, "Lua source; - for standard input")->required();
  add_limit_options(*command, options->limits);
  command->callback([options] { check(*options); });
}

}  // namespace nflua::cli
