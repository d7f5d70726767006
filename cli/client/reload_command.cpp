// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua reload`: a new script takes the place of a state's.
#include <memory>

#include "cli/client/send_script.hpp"
#include "cli/command_line.hpp"
#include "cli/script.hpp"

namespace nflua::cli {

namespace {

struct ReloadOptions {
  std::string state;
  std::string file;
  ServerOptions server;
};

void reload(const ReloadOptions& options) {
  const Script script = read_script(options.file);
  Session session = options.server.connect();
  send_script(session, NFLUA_RELOAD, options.state, script.path, script.source);
}

constexpr const char* kDescription = R"(Replace a state's script, between two packets

The script runs in a fresh state, whose `on_reload(old)` gets what the old state's `on_unload()`
returned. Then the fresh state takes over. After any error the old one goes on, and nothing has
changed.)";

}  // namespace

void add_reload_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("reload", kDescription);
  const auto options = std::make_shared<ReloadOptions>();
  command->add_option("NAME", options->state, "The state")->required();
  command->add_option("FILE", options->file, "Lua source; - for standard input")->required();
  options->server.add_to(*command);
  command->callback([options] { reload(*options); });
}

}  // namespace nflua::cli
