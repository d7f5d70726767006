// SPDX-License-Identifier: GPL-2.0-or-later
// A capture run through a state's rules.
//
//   record ─► link layer ─► --filter ─► defragment ─► conntrack ─► rules ─► output
//     │                        │                                     └─► held ─► output, later
//     └─ not IP ───────────────┴─ outside ─────────────────────────────────────► output
//
// Invariants: every record is counted once among Summary's fates; between two records the timers
// that are due run, in order. A record that passes is written as it came, with its own time; what
// is made here or was held has the time at which it left. Records need not be in order of time: the
// clock then waits.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "datapath/bpf_program.hpp"
#include "datapath/clock.hpp"
#include "datapath/events.hpp"
#include "datapath/replay/capture_reader.hpp"
#include "datapath/replay/capture_writer.hpp"
#include "datapath/replay/conntrack.hpp"
#include "datapath/replay/data_feed.hpp"
#include "datapath/replay/defrag.hpp"
#include "datapath/replay/frame_check.hpp"
#include "datapath/replay/link.hpp"
#include "datapath/replay/replay_packet.hpp"
#include "engine/rules.hpp"
#include "engine/state.hpp"

namespace nflua::replay {

struct Summary {
  uint64_t records = 0;
  uint64_t bytes = 0;
  // The fates. Their sum is `records`.
  /// Also what can't be told to be IP: encrypted ones, those of unknown link types.
  uint64_t not_ip = 0;
  uint64_t outside_filter = 0;
  /// Fragments that wait for, went into, or were dropped with a datagram (--defrag).
  uint64_t absorbed_fragments = 0;
  std::array<uint64_t, kVerdictKinds> verdicts{};

  // What became of the stolen.
  std::array<uint64_t, kHeldEnds> held_ends{};

  // Among those that are not IP.
  uint64_t encrypted = 0;
  std::map<LinkType, uint64_t> unknown_link_types;

  // Among all.
  uint64_t truncated = 0;
  /// Whose frame has more packets behind the one that the rules saw (802.11's A-MSDU).
  uint64_t aggregates = 0;
  uint64_t untracked = 0;
  uint64_t repeated_too_often = 0;
  uint64_t replies = 0;
  uint64_t written = 0;
  uint64_t messages = 0;
  /// Armed when the run was ended early, or after the last packet.
  uint64_t timers_left = 0;
  /// Records that came after one with a later time.
  uint64_t out_of_order = 0;
  // Of the input, what the output doesn't have (capture_reader.hpp, capture_writer.hpp).
  uint64_t blocks_left_out = 0;
  uint64_t options_left_out = 0;
  int64_t first_ns = 0;
  int64_t last_ns = 0;

  uint64_t held_end(HeldEnd end) const { return held_ends[size_t(end)]; }
};

/// What a Replay works with. Borrows: all of it, while the replay lives.
struct ReplayParts {
  CaptureReader& reader;
  Clock& clock;
  Conntrack& conntrack;
  Events& events;
  /// Each may be nullptr: not asked for.
  const BpfProgram* filter = nullptr;
  Defrag* defrag = nullptr;
  CaptureWriter* writer = nullptr;
  DataFeed* data = nullptr;
  /// Each packet and rule is an event too; costs time.
  bool tell_packets = false;
  /// Off: all packets are untracked, as by iptables' NOTRACK; saves time.
  bool track = true;
};

class Replay final : private Exits, private RuleObserver {
 public:
  /// Borrows: all; the rules become the state's.
  Replay(const ReplayParts& parts, State& state, std::vector<Rule>& rules);

  /// Runs `first`, all that the reader still has, then what timers are armed. nullptr: there is no
  /// first record. Ends before the next record once `stop` is set. `on_progress` is called now and
  /// then.
  /// Errors: the reader's, the writer's; what came before counts.
  Failure run(const Record* first, const std::atomic<bool>& stop,
              const std::function<void()>& on_progress);
  const Summary& summary() const { return summary_; }

 private:
  Failure run_records(const Record* first, const std::atomic<bool>& stop,
                      const std::function<void()>& on_progress);
  Failure handle(const Record& record);
  Failure use_interface(uint32_t id);
  void pass_what_is_not_ip(const Record& record, FrameKind kind);
  Failure unreadable() const;
  bool is_outside_filter(const Record& record, const SplitFrame& frame) const;
  void pass_unseen(const Record& record, uint64_t& fate);
  PacketFacts facts_of(const Record& record, const SplitFrame& frame) const;
  void reassemble(const Record& record, const SplitFrame& frame);
  void judge(const PacketFacts& facts, MutableBytes frame, Bytes ip, Bytes padded);
  void end_held(const ReplayPacket& packet, HeldEnd end, Bytes ip);
  void carry_out(const Decision& decision);
  /// Lets time pass: timers and messages that are due happen, in order.
  void advance(int64_t time_ns);
  void deliver_until(int64_t time_ns);
  int64_t next_message_ns() const;
  void deliver(Message message);
  /// Makes a header fit a packet that was made here. Returns the packet, padded if the link layer
  /// pads it. Borrows: from `ip` or `room`.
  static Bytes fit(const LengthField& length, MutableBytes header, Bytes ip,
                   std::vector<uint8_t>& room);
  void pass(const Record& record);
  OutputRecord made(const PacketFacts& facts, Bytes options, Bytes frame, Bytes ip);
  void write(const OutputRecord& record);

  void send_reply(const ReplayPacket& to, const Reply& reply) override;
  Error send_held(std::unique_ptr<ReplayPacket> packet, const Bytes* payload) override;
  void drop_held(std::unique_ptr<ReplayPacket> packet) override;
  void rule_ran(const Rule& rule, Verdict verdict) override;

  ReplayParts parts_;
  State& state_;
  std::vector<Rule>& rules_;
  ReplayPacket packet_;
  /// Of the record at hand.
  const Interface* interface_ = nullptr;
  uint32_t interface_id_ = 0;
  Summary summary_;
  /// Bytes of a packet that is made here: a reply, a packet with its payload replaced.
  std::vector<uint8_t> scratch_;
  /// The same with padding. `joined_`: of a datagram that --defrag put together.
  std::vector<uint8_t> padded_;
  std::vector<uint8_t> joined_;
  uint8_t frame_check_[kMaxFrameCheckBytes];
};

}  // namespace nflua::replay
