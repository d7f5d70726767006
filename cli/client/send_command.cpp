// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua send`: data for a state's script.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>

#include "cli/client/sent_lines.hpp"
#include "cli/client/server_options.hpp"
#include "cli/command_line.hpp"
#include "cli/printable.hpp"
#include "cli/script.hpp"

namespace nflua::cli {

namespace {

struct SendOptions {
  std::string state;
  std::string data;
  std::string file;
  bool lines = false;
  ServerOptions server;
};

control::Data data_of(const std::string& state, std::string_view bytes) {
  return {state, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}};
}

void send_one(Session& session, const std::string& state, const std::string& bytes) {
  session.send(data_of(state, bytes));
  const uint32_t number = session.client().number();
  const std::string why = session.call(control::ErrorText{}).text;
  for (const uint32_t refused : session.client().take_refused())
    if (refused == number)
      throw CommandFailure(kRefused, why.empty() ? "the server refused the data" : why);
}

/// Messages that are waited for one by one at the start, and after one that was refused: a server
/// knows the reason of the last failure only, and most files fail from the start, or not at all.
constexpr int kWaitedFor = 16;

class LineSender {
 public:
  LineSender(Session& session, const std::string& state) : session_(session), state_(state) {}

  void send(const std::string& line) {
    const size_t most = session_.client().limits().data_bytes();
    if (line.size() > most) return lines_.too_long(line.size(), most);
    session_.send(data_of(state_, line));
    lines_.sent(session_.client().number());
    take_refused();
    if (!lines_.tells() || (to_wait_for_ == 0 && refused_.empty())) return tell_refused("");
    if (to_wait_for_ > 0) --to_wait_for_;
    settle();
  }

  /// Errors: throws CommandFailure: a line failed.
  void finish() {
    const std::string why = settle();
    fmt::print("{}\n", lines_.summary());
    if (lines_.failed() > 0) throw CommandFailure(kRefused, why);
  }

 private:
  void take_refused() {
    for (const uint32_t number : session_.client().take_refused()) refused_.push_back(number);
  }

  /// The reason is that of the last one.
  void tell_refused(const std::string& why) {
    if (refused_.empty()) return;
    for (const uint32_t number : refused_)
      lines_.refused(number, number == refused_.back() ? why : "");
    refused_.clear();
    to_wait_for_ = kWaitedFor;
  }

  /// Waits until the server is done with what was sent. Returns why the last command failed.
  std::string settle() {
    const std::string why = session_.call(control::ErrorText{}).text;
    take_refused();
    tell_refused(why);
    return why;
  }

  Session& session_;
  const std::string& state_;
  SentLines lines_;
  std::vector<uint32_t> refused_;
  int to_wait_for_ = kWaitedFor;
};

void send_lines(Session& session, const std::string& state, std::istream& in) {
  LineSender sender(session, state);
  for (std::string line; std::getline(in, line);) sender.send(line);
  sender.finish();
}

void send_lines_of(Session& session, const SendOptions& options) {
  if (options.file.empty() || options.file == "-")
    return send_lines(session, options.state, std::cin);
  std::ifstream in(options.file, std::ios::binary);
  if (!in)
    throw CommandFailure(kUnreadable, fmt::format("{}: can't read it: {}; expected a file of lines",
                                                  options.file, std::strerror(errno)));
  send_lines(session, options.state, in);
}

void send(const SendOptions& options, const CLI::App& command) {
  const bool is_text = command.count("DATA") > 0 && options.data != "-";
  const bool has_file = !options.file.empty();
  if (has_file && command.count("DATA") > 0)
    throw CommandFailure(kUsage, "expected DATA or -f FILE, found both; see `nflua help send`");
  if (is_text && options.lines)
    throw CommandFailure(kUsage,
                         "--lines: expected lines in a file or on standard input, found DATA; see "
                         "`nflua help send`");
  if (!is_text && !has_file && !options.lines && options.data != "-")
    throw CommandFailure(kUsage, "expected DATA or -f FILE, found none; see `nflua help send`");
  if (options.lines) {
    Session session = options.server.connect();
    return send_lines_of(session, options);
  }
  const std::string bytes =
      is_text ? options.data : read_text_file(has_file ? options.file : "-", "message");
  Session session = options.server.connect();
  send_one(session, options.state, bytes);
}

constexpr const char* kDescription = R"(Send a message to a state's script

The script's `__receive_callback` gets it. The command prints nothing when that succeeds. With --lines
each line is a message. Messages that are refused are then reported with their line numbers.)";

constexpr const char* kFooter = R"(Examples
  nflua send dns 'block example.org'  Send one message
  nflua send dns -f table.bin  Send a file's bytes as one message
  nflua send dns --lines -f names.txt  Send each line as a message
)";

}  // namespace

void add_send_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("send", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<SendOptions>();
  command->add_option("NAME", options->state, "The state")->required();
  command->add_option("DATA", options->data, "The message; - for all of standard input");
  command->add_option("-f", options->file, "Send the bytes of this file; - for standard input")
      ->type_name("FILE");
  command->add_flag("--lines", options->lines,
                    "Send each line of FILE or standard input as a message, without its newline");
  options->server.add_to(*command);
  command->callback([options, command] { send(*options, *command); });
}

}  // namespace nflua::cli
