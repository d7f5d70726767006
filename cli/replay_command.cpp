// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua replay`: a script's rules over the packets of a capture.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/command_failure.hpp"
#include "cli/command_line.hpp"
#include "cli/json_events.hpp"
#include "cli/limit_options.hpp"
#include "cli/progress.hpp"
#include "cli/rule_options.hpp"
#include "cli/script.hpp"
#include "cli/summary_table.hpp"
#include "cli/text_events.hpp"
#include "datapath/replay/replay.hpp"
#include "datapath/replay/replay_host.hpp"

namespace nflua::cli {

namespace {

struct ReplayOptions {
  std::string script;
  std::string capture;
  std::string output;
  std::string filter;
  std::string data;
  bool json = false;
  bool defrag = false;
  bool strict = false;
  Limits limits;
  RuleOptions rules;
};

template <class T>
T value_or_fail(replay::Outcome<T> outcome, ExitStatus status) {
  if (!outcome) throw CommandFailure(status, outcome.failure().message());
  return std::move(*outcome);
}

std::optional<replay::DataFeed> read_data(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream in(path);
  if (!in) throw CommandFailure(kUnreadable, fmt::format("{}: can't read --data's file", path));
  return value_or_fail(replay::DataFeed::read(in, path), kUnreadable);
}

std::optional<replay::Filter> compile_filter(const std::string& expression) {
  if (expression.empty()) return {};
  return value_or_fail(replay::Filter::compile(expression), kUsage);
}

std::unique_ptr<replay::CaptureWriter> open_output(const ReplayOptions& options,
                                                   const replay::CaptureReader& reader) {
  if (options.output.empty()) return nullptr;
  if (options.output == "-" && options.json)
    throw CommandFailure(kUsage, "-w - and --json both want standard output; give -w a file");
  return value_or_fail(replay::CaptureWriter::open(options.output, reader), kEnvironment);
}

/// 0: unknown, as of a pipe.
uint64_t size_of_file(const std::string& path) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

template <class T>
T* pointer_to(std::optional<T>& value) {
  return value ? &*value : nullptr;
}

/// One run. The members stand in the order in which they need each other.
class ReplayRun {
 public:
  ReplayRun(const ReplayOptions& options, const CLI::App& command);
  ExitStatus run();

 private:
  replay::Events& events() {
    return options_.json ? static_cast<replay::Events&>(json_events_) : text_events_;
  }
  void prepare_rules(const CLI::App& command);
  replay::ReplayParts parts();

  const ReplayOptions& options_;
  JsonEvents json_events_;
  TextEvents text_events_;
  std::unique_ptr<replay::CaptureReader> reader_;
  std::optional<replay::Filter> filter_;
  std::optional<replay::DataFeed> data_;
  std::optional<replay::Defrag> defrag_;
  replay::Clock clock_;
  replay::Conntrack conntrack_;
  replay::ReplayHost host_;
  /// Read ahead: the script may ask for the time while it loads.
  const replay::Record* first_;
  std::unique_ptr<replay::CaptureWriter> writer_;
  std::vector<Rule> rules_;
  // Closing the state drops what it holds, through the replay: the replay goes last.
  std::optional<replay::Replay> replay_;
  OwnedState state_;
};

ReplayRun::ReplayRun(const ReplayOptions& options, const CLI::App& command)
    : options_(options),
      json_events_(stdout),
      reader_(value_or_fail(replay::CaptureReader::open(options.capture), kUnreadable)),
      filter_(compile_filter(options.filter)),
      data_(read_data(options.data)),
      host_(clock_, conntrack_, events()),
      first_(reader_->next()) {
  if (options.defrag) defrag_.emplace();
  if (first_) clock_.advance(first_->timestamp_ns);
  state_ = load_script(host_, options.script, options.limits);
  prepare_rules(command);
  writer_ = open_output(options, *reader_);
  replay_.emplace(parts(), *state_, rules_);
}

void ReplayRun::prepare_rules(const CLI::App& command) {
  rules_ = options_.rules.rules(command);
  if (rules_.empty()) rules_ = default_rules(*state_);
  for (const Rule& rule : rules_)
    if (!state_->has_function(rule.function))
      fmt::print(stderr, "nflua: warning: {} defines no function '{}' yet; its rule won't decide\n",
                 options_.script, rule.function);
}

replay::ReplayParts ReplayRun::parts() {
  return {.reader = *reader_,
          .clock = clock_,
          .conntrack = conntrack_,
          .events = events(),
          .filter = pointer_to(filter_),
          .defrag = pointer_to(defrag_),
          .writer = writer_.get(),
          .data = pointer_to(data_),
          .tell_packets = options_.json};
}

ExitStatus ReplayRun::run() {
  const replay::Summary& summary = replay_->summary();
  Progress progress(size_of_file(options_.capture));
  const replay::Failure failure =
      replay_->run(first_, [&] { progress.update(reader_->input().offset(), summary.records); });
  progress.finish();
  const StateFigures figures{state_->counters(), state_->bytes_used()};
  state_.reset();
  const replay::Failure unwritten = writer_ ? writer_->close() : replay::Failure();
  if (!options_.json) fmt::print("{}", summary_table(summary, figures, rules_));
  if (unwritten) throw CommandFailure(kEnvironment, unwritten.message());
  if (failure) throw CommandFailure(kUnreadable, failure.message());
  return options_.strict && figures.counters.errors > 0 ? kCallbackRaised : kSuccess;
}

}  // namespace

void add_replay_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("replay", "Run a script over a capture file; needs no privilege");
  const auto options = std::make_shared<ReplayOptions>();
  command->add_option("SCRIPT", options->script, "Lua source; - for standard input")->required();
  command
      ->add_option("CAPTURE", options->capture,
                   "Capture to read, pcap or pcapng; - for standard input")
      ->required();
  options->rules.add_to(*command);
  command->add_option("--filter", options->filter)
      ->type_name("EXPRESSION")
      ->description(
          "Show the script only packets inside this capture filter (pcap-filter(7)); "
          "others are let through");
  command->add_option("-w", options->output)
      ->type_name("FILE")
      ->description("Write what passes, and replies, to this capture, in the input's format");
  command->add_flag("--json", options->json, "Tell every event as a line of JSON (docs/events.md)");
  command->add_flag("--defrag", options->defrag,
                    "Reassemble fragments first, as a kernel with conntrack does");
  command->add_option("--data", options->data)
      ->type_name("FILE")
      ->description("Feed the messages of this file to __receive_callback (docs/events.md)");
  command->add_flag("--strict", options->strict, "Exit with 1 if a callback raised");
  add_limit_options(*command, options->limits);
  command->callback([options, command] {
    const ExitStatus status = ReplayRun(*options, *command).run();
    if (status != kSuccess) throw CommandFailure(status, "");
  });
}

}  // namespace nflua::cli
