// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua execute`: runs a chunk in a live state.
#include <fmt/format.h>

#include <memory>

#include "cli/client/send_script.hpp"
#include "cli/command_line.hpp"
#include "cli/script.hpp"

namespace nflua::cli {

namespace {

struct ExecuteOptions {
  std::string state;
  std::string file;
  std::string code;
  std::string shown;
  ServerOptions server;
};

struct Source {
  std::string shown;
  std::string text;
};

Source source_of(const ExecuteOptions& options, const CLI::App& command) {
  const bool has_code = command.count("-e") > 0;
  if (has_code == !options.file.empty())
    throw CommandFailure(kUsage,
                         fmt::format("expected a FILE or -e CODE, found {}; see `nflua help "
                                     "execute`",
                                     has_code ? "both" : "none"));
  if (has_code) return {"(command line)", options.code};
  const Script script = read_script(options.file);
  return {script.path, script.source};
}

void execute(const ExecuteOptions& options, const CLI::App& command) {
  const Source source = source_of(options, command);
  Session session = options.server.connect();
  send_script(session, NFLUA_EXECUTE, options.state,
              options.shown.empty() ? source.shown : options.shown, source.text);
}

constexpr const char* kDescription = R"(Run a script in a state, between two packets

What the script defines is added to what the state already has. (`nflua reload` replaces all of it.)
What the script prints is shown here and in the log of the daemon or, with --kernel, of the kernel.
The command fails if the script fails.)";

constexpr const char* kFooter = R"(Examples
  nflua execute dns dns.lua  Load a script
  nflua execute dns -e 'blocked["example.org"] = true'  Change a variable while packets pass
)";

}  // namespace

void add_execute_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("execute", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<ExecuteOptions>();
  command->add_option("NAME", options->state, "The state")->required();
  command->add_option("FILE", options->file, "Lua source; - for standard input");
  command->add_option("-e", options->code, "Lua source, in place of FILE")->type_name("CODE");
  command
      ->add_option("--name", options->shown,
                   "The script's name in messages (default: the file's path)")
      ->type_name("CHUNK");
  options->server.add_to(*command);
  command->callback([options, command] { execute(*options, *command); });
}

}  // namespace nflua::cli
