// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua list`: the states there are.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/client/one_line.hpp"
#include "cli/client/server_options.hpp"
#include "cli/command_line.hpp"
#include "cli/table.hpp"

namespace nflua::cli {

namespace {

struct ListOptions {
  bool json = false;
  ServerOptions server;
};

void print_json(const control::ListedState& state) {
  using Json = nlohmann::ordered_json;
  const Json line = {
      {"name", state.name}, {"maxalloc", state.maxalloc}, {"curralloc", state.curralloc}};
  fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string text_of(const std::vector<control::ListedState>& states) {
  Table table;
  table.title(states.empty() ? "no states" : "states, bytes in Lua");
  for (const control::ListedState& state : states)
    table.row(one_line(state.name).c_str(), state.curralloc,
              fmt::format("of {}", state.maxalloc).c_str());
  return table.text();
}

void list(const ListOptions& options) {
  const control::Answer answer = options.server.connect().call(control::List{});
  if (!options.json) fmt::print("{}", text_of(answer.states));
  if (options.json)
    for (const control::ListedState& state : answer.states) print_json(state);
}

constexpr const char* kDescription = R"(List the states, with their memory in use and its bound

With --json there is one object on each line, with name, maxalloc and curralloc.)";

}  // namespace

void add_list_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("list", kDescription);
  const auto options = std::make_shared<ListOptions>();
  command->add_flag("--json", options->json, "Write JSON");
  options->server.add_to(*command);
  command->callback([options] { list(*options); });
}

}  // namespace nflua::cli
