// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua repl`: lines of Lua in a live state.
#include <fmt/format.h>

#include <memory>

#include "cli/client/line_reader.hpp"
#include "cli/client/send_script.hpp"
#include "cli/command_line.hpp"
#include "cli/printable.hpp"

namespace nflua::cli {

namespace {

constexpr const char* kChunkName = "repl";

struct ReplOptions {
  std::string state;
  ServerOptions server;
};

/// Lua says so of a chunk that ends too early. Where code ran, and must not run again, a traceback
/// follows.
bool is_incomplete(std::string_view error) { return error.ends_with("near <eof>"); }

class Repl {
 public:
  explicit Repl(const ReplOptions& options)
      : options_(options), session_(options.server.connect()) {}

  void run() {
    while (const auto line = reader_.next(chunk_.empty() ? "> " : ">> ")) {
      chunk_ += chunk_.empty() ? *line : '\n' + *line;
      if (!chunk_.empty()) evaluate();
    }
    if (!chunk_.empty()) tell(incomplete_);
    if (failed_ && !reader_.is_terminal()) throw CommandFailure(kRefused, "");
  }

 private:
  void evaluate() {
    try {
      const control::Answer answer =
          send_script(session_, NFLUA_EVALUATE, options_.state, kChunkName, chunk_);
      if (!answer.text.empty()) fmt::print("{}\n", printable(answer.text));
      std::fflush(stdout);
      chunk_.clear();
    } catch (const CommandFailure& failure) {
      if (failure.status() == kEnvironment) throw;
      if (failure.status() == kRefused && is_incomplete(failure.what()))
        incomplete_ = failure.what();
      else
        tell(failure.what());
    }
  }

  void tell(const std::string& error) {
    fmt::print(stderr, "{}\n", printable(error));
    failed_ = true;
    chunk_.clear();
  }

  const ReplOptions& options_;
  Session session_;
  LineReader reader_;
  /// Lines so far.
  std::string chunk_;
  /// What Lua said of them.
  std::string incomplete_;
  bool failed_ = false;
};

constexpr const char* kDescription = R"(Run lines of Lua in a live state, and print their results

Each line runs between two packets, as `nflua execute` would run it. A line that is not complete
continues at the prompt `>>`. On a terminal, lines can be edited. Otherwise there is no prompt, and the
exit status is 1 if a line failed.)";

constexpr const char* kFooter = R"(Examples
  nflua repl dns  Look at variables and change them: `count`, `blocked["example.org"] = nil`; Ctrl-D ends it
)";

}  // namespace

void add_repl_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("repl", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<ReplOptions>();
  command->add_option("NAME", options->state, "The state")->required();
  options->server.add_to(*command);
  command->callback([options] { Repl(*options).run(); });
}

}  // namespace nflua::cli
