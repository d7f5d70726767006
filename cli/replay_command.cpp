// SPDX-License-Identifier: GPL-2.0-or-later
// `nflua replay`: a script's rules over the packets of a capture.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>

#include "cli/command_failure.hpp"
#include "cli/command_line.hpp"
#include "cli/filter_option.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_events.hpp"
#include "cli/limit_options.hpp"
#include "cli/progress.hpp"
#include "cli/replay_summary.hpp"
#include "cli/rule_options.hpp"
#include "cli/script.hpp"
#include "cli/text_events.hpp"
#include "cli/utc_option.hpp"
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
  bool notrack = false;
  bool strict = false;
  TimeZone zone = TimeZone::local;
  Limits limits;
  RuleOptions rules;
};

constexpr const char* kStandardStream = "-";

/// A pipe can serve one purpose only. Errors: throws CommandFailure.
void check_streams(const ReplayOptions& options) {
  const auto reads = [](const std::string& path) { return int(path == kStandardStream); };
  if (reads(options.script) + reads(options.capture) + reads(options.data) > 1)
    throw CommandFailure(kUsage,
                         "only one of SCRIPT, CAPTURE and --data can be standard input (-); name "
                         "files for the others");
  if (options.output == kStandardStream && options.json)
    throw CommandFailure(kUsage, "-w - and --json both want standard output; give -w a file");
}

/// A common slip: the two are files both. Errors: throws CommandFailure.
void check_order(const ReplayOptions& options) {
  if (!is_capture_file(options.script)) return;
  if (options.output.ends_with(".lua"))
    throw CommandFailure(kUsage,
                         fmt::format("-w takes the script {}: it wants the name of the file "
                                     "to write; found the capture {} as SCRIPT",
                                     options.output, options.script));
  if (!is_capture_file(options.capture) && options.capture != kStandardStream)
    throw CommandFailure(
        kUsage, fmt::format("SCRIPT and CAPTURE are swapped: found the capture {0} first, expected "
                            "the script; try: nflua replay {1} {0}",
                            options.script, options.capture));
}

std::unique_ptr<replay::CaptureReader> open_capture(const ReplayOptions& options) {
  const std::string& path = options.capture;
  if (path.empty())
    throw CommandFailure(kUsage,
                         "the capture: expected the name of a file, found an empty one (an unset "
                         "variable of the shell?)");
  auto reader = replay::CaptureReader::open(
      path, options.output.empty() ? replay::Blocks::skip : replay::Blocks::keep);
  if (!reader && path.ends_with(".lua"))
    throw CommandFailure(kUnreadable, reader.failure().message() +
                                          "; the script comes first: nflua replay SCRIPT CAPTURE");
  return value_or_fail(std::move(reader), kUnreadable);
}

std::optional<replay::DataFeed> read_data(const std::string& path) {
  if (path.empty()) return {};
  std::istringstream in(read_text_file(path, "--data file"));
  return value_or_fail(replay::DataFeed::read(in, path), kUnreadable);
}

/// -w takes the next word, whatever it is. Errors: throws CommandFailure.
void spare_input(const ReplayOptions& options, const std::string& input, const char* what) {
  std::error_code error;
  if (std::filesystem::equivalent(options.output, input, error))
    throw CommandFailure(kUsage, fmt::format("-w {}: is the {}, which it would overwrite; write to "
                                             "another file",
                                             options.output, what));
}

std::unique_ptr<replay::CaptureWriter> open_output(const ReplayOptions& options,
                                                   replay::CaptureReader& reader) {
  if (options.output.empty()) return nullptr;
  spare_input(options, options.script, "script");
  spare_input(options, options.data, "--data file");
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
  Events& events() { return options_.json ? static_cast<Events&>(json_events_) : text_events_; }
  replay::ReplayParts parts();
  void tell_rest();
  void print_summary(const StateFigures& figures);

  const ReplayOptions& options_;
  FileSink json_output_;
  JsonEvents json_events_;
  TextEvents text_events_;
  std::unique_ptr<replay::CaptureReader> reader_;
  std::optional<BpfProgram> filter_;
  std::optional<replay::DataFeed> data_;
  std::optional<replay::Defrag> defrag_;
  Clock clock_;
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
      json_output_(stdout),
      json_events_(json_output_),
      text_events_(options.zone),
      reader_(open_capture(options)),
      filter_(options.filter.empty() ? std::optional<BpfProgram>()
                                     : compile_filter(options.filter)),
      data_(read_data(options.data)),
      host_(clock_, conntrack_, events()),
      first_(reader_->next()) {
  if (options.defrag) defrag_.emplace();
  if (first_) clock_.advance(first_->timestamp_ns);
  state_ = load_script(host_, read_script(options.script), options.limits);
  rules_ = rules_of(options.rules, command, *state_, options.script);
  writer_ = open_output(options, *reader_);
  replay_.emplace(parts(), *state_, rules_);
  reader_->on_pause([this] {
    if (writer_) writer_->flush();
    std::fflush(stdout);
  });
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
          .tell_packets = options_.json,
          .track = !options_.notrack};
}

ExitStatus ReplayRun::run() {
  const replay::Summary& summary = replay_->summary();
  const Interrupt interrupt;
  Progress progress(size_of_file(options_.capture));
  const Failure failure = replay_->run(first_, interrupt.is_wanted(), [&] {
    progress.update(reader_->input().bytes_of_file(), summary.records);
  });
  progress.finish();
  const StateFigures figures{state_->counters(), state_->bytes_used()};
  state_.reset();
  const Failure unwritten = writer_ ? writer_->close() : Failure();
  print_summary(figures);
  if (unwritten) throw CommandFailure(kEnvironment, unwritten.message());
  interrupt.die_of_it();
  if (failure) throw CommandFailure(kUnreadable, failure.message());
  return options_.strict && figures.counters.errors > 0 ? kCallbackRaised : kSuccess;
}

void ReplayRun::tell_rest() {
  const replay::Summary& summary = replay_->summary();
  uint64_t unknown = 0;
  for (const auto& [link_type, packets] : summary.unknown_link_types) {
    json_events_.unseen_link_type(uint16_t(link_type), replay::link_type_pcap_name(link_type),
                                  packets);
    unknown += packets;
  }
  json_events_.unseen("encrypted", summary.encrypted);
  json_events_.unseen("not_ip", summary.not_ip - summary.encrypted - unknown);
  json_events_.unseen("filter", summary.outside_filter);
  json_events_.left("timers", summary.timers_left);
  json_events_.left("blocks", summary.blocks_left_out);
  json_events_.left("options", summary.options_left_out);
}

void ReplayRun::print_summary(const StateFigures& figures) {
  if (options_.json) return tell_rest();
  const bool output_is_capture = options_.output == kStandardStream;
  fmt::print(output_is_capture ? stderr : stdout, "{}",
             replay_summary(replay_->summary(), figures, rules_));
  std::fflush(stdout);
}

constexpr const char* kDescription = R"(Run a script over a capture file

This needs no privilege. Rules apply in the order given. Without any rule, the global function
`match` is used as a match, and after it the global function `target` as a target. The state has the
script's name without `.lua`. A table at the end counts the packets by what happened to them. With
--json there is no table, and with `-w -` it goes to standard error. If the capture is a pipe that
still grows, output and events are written whenever it pauses. Ctrl-C ends the run early. The output
and the table are then complete up to that point.)";

constexpr const char* kFooter = R"(Verdicts of a match
  drop  The packet is dropped
  accept  The packet passes, and no further rule sees it
  stop  In a replay, as accept; on live traffic, no later chain at this hook sees the packet either
  queue[=N]  The packet goes to NFQUEUE N (0 to 65535; default 0); a replay counts it and does not write it
  mark=V[/M]  Set the bits M of the packet's mark to V (decimal or 0x hexadecimal), then accept
Examples
  nflua replay sni_block.lua tls.pcap  Call the script's `match` for each packet
  nflua replay --match is_bad:accept --target rest f.lua in.pcap  Use two rules, in this order
  nflua replay --filter 'tcp port 443' -w o.pcap f.lua in.pcap  Show only HTTPS to the script
  tcpdump -w - | nflua replay --json f.lua - | jq .  Read a live capture, and write events
)";

}  // namespace

void add_replay_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("replay", kDescription);
  command->footer(kFooter);
  const auto options = std::make_shared<ReplayOptions>();
  command->add_option("SCRIPT", options->script, "Lua source; - for standard input")->required();
  command
      ->add_option(
          "CAPTURE", options->capture,
          "The capture to read: pcap or pcapng, plain or compressed (gzip, zstd, lz4); - for "
          "standard input")
      ->required();
  options->rules.add_to(*command);
  const auto add = [command](const char* name, std::string& value, const char* type,
                             const char* description) {
    command->add_option(name, value)->type_name(type)->description(description);
  };
  add("--filter", options->filter, "EXPRESSION",
      "Show the script only packets that match this capture filter (pcap-filter(7), without "
      "link-layer terms), and let others through");
  add("-w", options->output, "FILE",
      "Write packets that pass, unchanged, and replies to this capture, in the input's format "
      "(docs/captures.md); - for standard output");
  command->add_flag("--json", options->json,
                    "Write every event as a line of JSON (docs/events.md)");
  command->add_flag("--notrack", options->notrack,
                    "Don't track connections, which saves time: connid() and conn then find none");
  command->add_flag("--defrag", options->defrag,
                    "Reassemble fragments first, as a kernel with connection tracking does");
  add("--data", options->data, "FILE",
      "Give the messages in this file to __receive_callback (docs/events.md); - for standard "
      "input");
  add_utc_option(*command, options->zone);
  command->add_flag("--strict", options->strict,
                    "Exit with status 1 if a callback raised an error");
  add_limit_options(*command, options->limits);
  command->callback([options, command] {
    check_streams(*options);
    check_order(*options);
    const ExitStatus status = ReplayRun(*options, *command).run();
    if (status != kSuccess) throw CommandFailure(status, "");
  });
}

}  // namespace nflua::cli
