// SPDX-License-Identifier: GPL-2.0-or-later
// One replay from a capture to its output, for tests: set the members, run(), look at the results.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "datapath/replay/replay.hpp"
#include "datapath/replay/replay_host.hpp"
#include "tests/support/capture_builder.hpp"
#include "tests/support/packets.hpp"
#include "tests/support/recorded_events.hpp"

namespace nflua::test {

/// A packet of the output.
struct Written {
  /// After ReplayRun::kStartNs.
  int64_t time_ms;
  Buffer frame;
  uint32_t original_length;
  /// pcapng's, as in the file.
  std::string options = {};

  friend bool operator==(const Written&, const Written&) = default;
};

class ReplayRun {
 public:
  static constexpr int64_t kNsPerMs = 1'000'000;
  static constexpr int64_t kStartNs = 1'700'000'000'000'000'000;
  static constexpr uint16_t kEthernet = 1;

  explicit ReplayRun(uint16_t link_type = kEthernet) {
    capture.section();
    add_interface(link_type);
  }

  // ---- What a test sets
  /// Its function `target` is the only rule.
  std::string script;
  std::optional<BpfProgram> filter;
  std::optional<replay::Defrag> defrag;
  std::optional<replay::DataFeed> data;
  bool track = true;
  bool tell_packets = false;
  std::atomic<bool> stop{false};
  CaptureBuilder capture;

  void add_interface(uint16_t link_type) {
    capture.interface(link_type, 0, {{2, "eth0"}, {9, "\x09"}});
  }
  /// Appends a packet. `missing_bytes`: of it on the wire, not captured.
  void add(int64_t time_ms, const Buffer& frame, uint32_t missing_bytes = 0) {
    capture.enhanced(0, uint64_t(kStartNs + time_ms * kNsPerMs), {frame.begin(), frame.end()},
                     uint32_t(frame.size()) + missing_bytes);
  }
  void set_data(const std::string& lines) {
    std::istringstream in(lines);
    Outcome<replay::DataFeed> feed = replay::DataFeed::read(in, "data.json");
    EXPECT_TRUE(bool(feed)) << feed.failure().message();
    data.emplace(std::move(*feed));
  }

  /// What it failed of, empty for nothing. `output`: where to write instead.
  std::string run(const char* output = nullptr);

  // ---- What a test reads
  replay::Summary summary;
  std::vector<Written> written;
  uint32_t armed_timers = 0;
  Clock clock;
  replay::Conntrack conntrack;
  RecordedEvents events{kStartNs};

 private:
  State* load_script(replay::ReplayHost& host) const;
  void read_output(const std::string& path);
};

inline std::string ReplayRun::run(const char* output) {
  const TempFile in(capture.str());
  const TempFile out;
  const auto reader = std::move(*replay::CaptureReader::open(in.path(), replay::Blocks::keep));
  const auto writer =
      std::move(*replay::CaptureWriter::open(output ? output : out.path(), *reader));
  const replay::Record* first = reader->next();
  if (first) clock.advance(first->timestamp_ns);

  replay::ReplayHost host(clock, conntrack, events);
  State* state = load_script(host);
  std::vector<Rule> rules(1);
  strcpy(rules[0].function, "target");
  const replay::ReplayParts parts{.reader = *reader,
                                  .clock = clock,
                                  .conntrack = conntrack,
                                  .events = events,
                                  .filter = filter ? &*filter : nullptr,
                                  .defrag = defrag ? &*defrag : nullptr,
                                  .writer = writer.get(),
                                  .data = data ? &*data : nullptr,
                                  .tell_packets = tell_packets,
                                  .track = track};
  replay::Replay replay(parts, *state, rules);
  const Failure failure = replay.run(first, stop, [] {});
  armed_timers = state->armed_timers();
  state->close();
  summary = replay.summary();
  if (!writer->close()) read_output(out.path());
  return failure.message();
}

inline State* ReplayRun::load_script(replay::ReplayHost& host) const {
  State* state = *State::create(host, "test", {}, 1);
  const Error error = state->load({script.data(), script.size()}, "test.lua");
  EXPECT_FALSE(bool(error)) << state->last_error().data();
  return state;
}

inline void ReplayRun::read_output(const std::string& path) {
  const auto reader = std::move(*replay::CaptureReader::open(path));
  while (const replay::Record* record = reader->next()) {
    const Bytes captured = record->captured;
    written.push_back({(record->timestamp_ns - kStartNs) / kNsPerMs,
                       {captured.begin(), captured.end()},
                       record->original_length,
                       {record->options.chars(), record->options.size()}});
  }
}

}  // namespace nflua::test
