// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua create`: a new, empty state.
#include <fmt/format.h>

#include <memory>

#include "cli/client/server_options.hpp"
#include "cli/command_line.hpp"
#include "cli/limit_options.hpp"
#include "cli/option_values.hpp"

namespace nflua::cli {

namespace {

struct CreateOptions {
  std::string name;
  uint32_t maxalloc = 0;
  control::LimitValues limits;
  ServerOptions server;
};

void create(const CreateOptions& options) {
  Session session = options.server.connect();
  session.call(control::Create{options.name, options.maxalloc});
  if (options.limits == control::LimitValues{}) return;
  try {
    session.call(control::SetLimits{options.name, options.limits});
  } catch (const CommandFailure&) {
    // All of it or nothing. That it failed of the limits is what to tell.
    (void)session.client().call(control::Destroy{options.name}, session.timeout());
    throw;
  }
}

constexpr const char* kDescription = R"(Create a state

The new state is empty and lives until `nflua destroy`. `execute` loads a script into it, and rules
that `bind` makes call its functions. Bounds that are not given are the server's.)";

constexpr const char* kFooter = R"(Examples
  nflua create dns && nflua execute dns dns.lua  Create a state and load a script into it
  nflua create small --maxalloc 1000000 --max-timers 10  Create a state that can't grow much
)";

}  // namespace

void add_create_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("create", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<CreateOptions>();
  command->add_option("NAME", options->name, "The state's name: 1 to 63 bytes")->required();
  add_number(*command, "--maxalloc", options->maxalloc, NFLUA_MIN_ALLOC_BYTES, UINT32_MAX)
      ->description(fmt::format("Bytes that the state's Lua objects may take ({}; default the "
                                "server's)",
                                bounds_text(NFLUA_MIN_ALLOC_BYTES, UINT32_MAX)))
      ->type_name("BYTES")
      ->group("Bounds");
  add_limit_options(*command, options->limits);
  options->server.add_to(*command);
  command->callback([options] { create(*options); });
}

}  // namespace nflua::cli
