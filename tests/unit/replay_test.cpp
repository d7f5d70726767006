// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/replay.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "tests/support/replay_run.hpp"

namespace nflua::replay {
namespace {

using test::address;
using test::Buffer;
using test::ethernet;
using test::ipv4;
using test::ipv6;
using test::operator+;
using test::ReplayRun;
using test::Written;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Buffer kUdp = ipv4("10.0.0.1", "10.0.0.2").udp(1000, 53).payload("query").build();
const Tuple kUdpTuple{IpProto::udp, address("10.0.0.1"), address("10.0.0.2"), true, 1000, 53};
const Buffer kTcp = ipv4("10.0.0.1", "10.0.0.2").tcp(1000, 80).payload("request").build();
const Buffer kArp = Buffer(12, 2) + Buffer{8, 6} + Buffer(28);

Written as_it_came(int64_t time_ms, const Buffer& frame) {
  return {time_ms, frame, uint32_t(frame.size())};
}

/// The frame of an answer to one of ethernet().
Buffer back(const Buffer& packet) {
  return Buffer{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0} + packet;
}

uint64_t fates(const Summary& summary) {
  return std::accumulate(summary.verdicts.begin(), summary.verdicts.end(),
                         summary.not_ip + summary.outside_filter + summary.absorbed_fragments);
}

uint64_t verdicts(const Summary& summary, VerdictKind kind) {
  return summary.verdicts[size_t(kind)];
}

struct ReplayTest : testing::Test {
  ~ReplayTest() { EXPECT_EQ(fates(run.summary), run.summary.records) << "a packet has one fate"; }

  void add(int64_t time_ms, const Buffer& packet) { run.add(time_ms, ethernet(packet)); }
  bool is_connected() { return conntrack().find(kUdpTuple, run.clock.now_ns()).has_value(); }
  Conntrack& conntrack() { return run.conntrack; }

  ReplayRun run;
};

// ---- Time

TEST_F(ReplayTest, timers_messages_and_packets_come_in_order_at_their_time) {
  run.script =
      "local function ran() print('timer') end\n"
      "function target(pkt) print('packet') timer.create(10, ran) end\n"
      "function __receive_callback(port, m) print('message ' .. m) end";
  run.set_data(
      "{\"time\": 0, \"text\": \"first\"}\n"
      "{\"time\": 0.005, \"text\": \"early\"}\n"
      "{\"time\": 0.010, \"text\": \"tie\"}\n"
      "{\"time\": 0.011, \"text\": \"late\"}\n"
      "{\"time\": 9, \"text\": \"after all\"}");
  add(0, kUdp);
  add(10, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines,
              ElementsAre("0 log message first", "0 log packet", "5 log message early",
                          "10 log message tie", "10 log timer", "10 log packet",
                          "11 log message late", "20 log timer", "9000 log message after all"));
  EXPECT_EQ(run.summary.messages, 5u);
}

TEST_F(ReplayTest, what_is_armed_after_the_last_packet_runs_and_arms_no_more) {
  run.script =
      "function target(pkt)\n"
      "  timer.create(1000, function() print('one') timer.create(1, function() print('new') end) "
      "end)\n"
      "  timer.create(2000, function() print('two') end)\n"
      "end";
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines, ElementsAre("1000 log one", "2000 log two"));
  EXPECT_EQ(run.summary.timers_left, 1u);
}

TEST_F(ReplayTest, a_timer_that_starts_itself_again_runs_once_after_the_last_message) {
  run.script =
      "local function again() print('round') timer.create(1, again) end\n"
      "function target(pkt) again() end\n"
      "function __receive_callback(port, m) print('message') end";
  run.set_data("{\"time\": 0.002, \"text\": \"\"}");
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines,
              ElementsAre("0 log round", "1 log round", "2 log message", "2 log round"));
  EXPECT_EQ(run.summary.timers_left, 1u);
}

TEST_F(ReplayTest, a_message_beyond_the_end_of_time_comes_last) {
  run.script =
      "function target(pkt) print('packet') end\n"
      "function __receive_callback(port, m) print('message') end";
  run.set_data("{\"time\": 1e9, \"text\": \"\"}");
  const Buffer frame = ethernet(kUdp);
  for (int64_t time_ns : {INT64_MAX - 2, INT64_MAX - 1})
    run.capture.enhanced(0, uint64_t(time_ns), {frame.begin(), frame.end()});
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines, ElementsAre(HasSubstr("log packet"), HasSubstr("log packet"),
                                            HasSubstr("log message")));
  EXPECT_EQ(run.clock.now_ns(), INT64_MAX);
}

TEST_F(ReplayTest, a_message_without_a_receive_callback_is_an_error_and_counts) {
  run.set_data("{\"text\": \"\"}");
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines,
              testing::Contains(HasSubstr("couldn't find receive function: __receive_callback")));
  EXPECT_EQ(run.summary.messages, 1u);
}

TEST_F(ReplayTest, records_out_of_order_keep_their_times_while_the_clock_waits) {
  run.script =
      "local n = 0\n"
      "function target(pkt)\n"
      "  n = n + 1\n"
      "  print(os.time())\n"
      "  if n == 2 then timer.create(5, function() pkt:send() end) return 'stolen' end\n"
      "  if n == 3 then pkt:reply('answer') end\n"
      "end";
  run.tell_packets = true;
  for (int64_t time_ms : {300, 100, 200, 400}) add(time_ms, kUdp);
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(5));
  EXPECT_EQ(run.written[0], as_it_came(300, ethernet(kUdp)));
  EXPECT_EQ(run.written[1].time_ms, 300) << "the reply is made now";
  EXPECT_EQ(run.written[2], as_it_came(200, ethernet(kUdp)));
  EXPECT_EQ(run.written[3], as_it_came(305, ethernet(kUdp))) << "the held packet leaves then";
  EXPECT_EQ(run.written[4], as_it_came(400, ethernet(kUdp)));
  EXPECT_EQ(run.summary.out_of_order, 2u);
  EXPECT_THAT(run.events.lines,
              testing::IsSupersetOf({HasSubstr("100 packet 2"), HasSubstr("300 verdict 2"),
                                     HasSubstr("200 packet 3"), HasSubstr("300 verdict 3")}));
  std::vector<std::string> times;
  for (const std::string& line : run.events.lines)
    if (line.find(" log ") != std::string::npos) times.push_back(line.substr(0, 3));
  EXPECT_THAT(times, ElementsAre("300", "300", "300", "400"));
}

// ---- What leaves

TEST_F(ReplayTest, what_is_made_has_a_frame_check_where_the_capture_has_them) {
  run.script =
      "function target(pkt)\n"
      "  pkt:reply('answer')\n"
      "  timer.create(1, function() pkt:send('another request') end)\n"
      "  return 'stolen'\n"
      "end";
  run.capture = test::CaptureBuilder();
  run.capture.section().interface(1, 0, {{9, "\x09"}, {13, "\x04"}});
  const Buffer check(4, 0xee);
  run.add(0, ethernet(kTcp) + check);
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(2));
  const Buffer changed =
      ethernet(ipv4("10.0.0.1", "10.0.0.2").tcp(1000, 80).payload("another request").build());
  uint8_t expected[4];
  make_frame_check({changed.data(), changed.size()}, {}, 4, expected);
  EXPECT_EQ(run.written[1].frame, changed + Buffer(expected, expected + 4));
  EXPECT_EQ(run.written[1].original_length, changed.size() + 4);
  EXPECT_EQ(run.written[0].frame.size(), 14u + 20u + 20u + 6u + 4u);
}

TEST_F(ReplayTest, a_frame_check_covers_no_header_of_the_capturing_program) {
  run.script =
      "function target(pkt)\n"
      "  timer.create(1, function() pkt:send('another request') end)\n"
      "  return 'stolen'\n"
      "end";
  // Radiotap's flags say that the sequence is there; PPI's field for 802.11 says so, too.
  const Buffer radiotap{0, 0, 9, 0, 0x02, 0, 0, 0, 0x10};
  const Buffer ppi{0, 0, 24, 0, 105, 0, 0, 0, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
  const Buffer wifi = Buffer{0x08, 0x01} + Buffer(22, 0) + Buffer{0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
  run.capture = test::CaptureBuilder();
  run.capture.section().interface(127, 0).interface(192, 0);
  const Buffer check(4, 0xee);
  const Buffer frames[] = {radiotap + wifi + kTcp + check, ppi + wifi + kTcp + check};
  for (uint32_t i = 0; i < 2; ++i)
    run.capture.enhanced(i, 1000 + i, {frames[i].begin(), frames[i].end()});
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(2));
  const Buffer frame =
      wifi + ipv4("10.0.0.1", "10.0.0.2").tcp(1000, 80).payload("another request").build();
  uint8_t expected[4];
  make_frame_check({frame.data(), frame.size()}, {}, 4, expected);
  EXPECT_EQ(run.written[0].frame, radiotap + frame + Buffer(expected, expected + 4));
  EXPECT_EQ(run.written[1].frame, ppi + frame + Buffer(expected, expected + 4));
}

TEST_F(ReplayTest, a_held_packet_keeps_its_options) {
  run.script =
      "function target(pkt) timer.create(1, function() pkt:send() end) return 'stolen' end";
  const Buffer frame = ethernet(kUdp);
  run.capture.enhanced(0, uint64_t(ReplayRun::kStartNs), {frame.begin(), frame.end()}, 0,
                       {{1, "look at this"}});
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(1));
  EXPECT_EQ(run.written[0].time_ms, 1);
  EXPECT_THAT(run.written[0].options, HasSubstr("look at this"));
}

TEST_F(ReplayTest, packets_leave_with_their_padding_and_their_length_on_the_wire) {
  const Buffer padded = ethernet(kUdp) + Buffer(13, 0xee);
  run.add(0, padded);
  run.add(1, ethernet(kUdp), 100);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.written,
              ElementsAre(as_it_came(0, padded),
                          Written{1, ethernet(kUdp), uint32_t(ethernet(kUdp).size()) + 100}));
  EXPECT_EQ(run.summary.truncated, 1u);
  EXPECT_EQ(run.summary.bytes, padded.size() + ethernet(kUdp).size() + 100);
  EXPECT_EQ(run.summary.first_ns, ReplayRun::kStartNs);
  EXPECT_EQ(run.summary.last_ns, ReplayRun::kStartNs + ReplayRun::kNsPerMs);
}

TEST_F(ReplayTest, only_what_passes_leaves) {
  run.script =
      "local verdicts = {'accept', 'stop', 'continue', 'drop', 'queue', 'repeat', 'stolen'}\n"
      "local n = 0\n"
      "function target(pkt) n = n % #verdicts + 1 return verdicts[n] end";
  // 'repeat' starts the list again, which then says 'stolen'.
  for (int64_t time = 0; time < 6; ++time) add(time, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.written, ElementsAre(as_it_came(0, ethernet(kUdp)), as_it_came(1, ethernet(kUdp)),
                                       as_it_came(2, ethernet(kUdp))));
  for (VerdictKind kind : {VerdictKind::accept, VerdictKind::stop, VerdictKind::proceed,
                           VerdictKind::drop, VerdictKind::queue, VerdictKind::stolen})
    EXPECT_EQ(verdicts(run.summary, kind), 1u) << verdict_name(kind);
  EXPECT_EQ(run.summary.written, 3u);
}

TEST_F(ReplayTest, a_packet_that_repeats_for_ever_is_dropped_and_counted) {
  run.script = "function target(pkt) return 'repeat' end";
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.written, IsEmpty());
  EXPECT_EQ(run.summary.repeated_too_often, 1u);
  EXPECT_EQ(verdicts(run.summary, VerdictKind::drop), 1u);
}

TEST_F(ReplayTest, a_write_to_the_frame_leaves_with_the_packet) {
  run.script = "function target(pkt) memory.set(pkt:frame(), 1, 0x42) end";
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  Buffer expected = ethernet(kUdp);
  expected[0] = 0x42;
  EXPECT_THAT(run.written, ElementsAre(as_it_came(0, expected)));
}

TEST_F(ReplayTest, a_reply_goes_back_before_the_packet_that_it_answers) {
  run.script = "function target(pkt) pkt:reply('one') pkt:reply('two') return 'accept' end";
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(3));
  for (int i : {0, 1}) {
    const Written& reply = run.written[size_t(i)];
    EXPECT_EQ(Buffer(reply.frame.begin(), reply.frame.begin() + 14), back({})) << i;
    EXPECT_EQ(std::string(reply.frame.end() - 3, reply.frame.end()), i == 0 ? "one" : "two");
    EXPECT_EQ(reply.original_length, reply.frame.size());
  }
  EXPECT_EQ(run.written[2], as_it_came(0, ethernet(kUdp)));
  EXPECT_EQ(run.summary.replies, 2u);
  EXPECT_EQ(run.summary.written, 3u);
}

TEST_F(ReplayTest, each_segment_of_a_long_reply_leaves) {
  run.script = "function target(pkt) pkt:tcpreply(('x'):rep(3000)) return 'drop' end";
  add(0, kTcp);
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(3));
  constexpr size_t kHeaders = 14 + 20 + 20;
  EXPECT_EQ(run.written[0].frame.size(), kHeaders + kDefaultMss);
  EXPECT_EQ(run.written[1].frame.size(), kHeaders + kDefaultMss);
  EXPECT_EQ(run.written[2].frame.size(), kHeaders + 3000 - 2 * kDefaultMss);
  EXPECT_EQ(run.summary.replies, 3u);
}

// ---- Held packets

TEST_F(ReplayTest, a_held_packet_leaves_when_a_timer_sends_it) {
  run.script =
      "local held\n"
      "function target(pkt)\n"
      "  if held then return end\n"
      "  held = pkt\n"
      "  timer.create(5, function() held:send() end)\n"
      "  return 'stolen'\n"
      "end";
  const Buffer padded = ethernet(kUdp) + Buffer(13, 0xee);
  run.add(0, padded, 7);
  run.add(4, ethernet(kTcp));
  run.add(6, ethernet(kTcp));
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.written, ElementsAre(as_it_came(4, ethernet(kTcp)),
                                       Written{5, padded, uint32_t(padded.size()) + 7},
                                       as_it_came(6, ethernet(kTcp))));
  EXPECT_EQ(run.summary.held_end(HeldEnd::sent), 1u);
}

TEST_F(ReplayTest, a_held_packet_may_be_answered_and_then_leave_changed) {
  run.script =
      "function target(pkt)\n"
      "  timer.create(5, function() pkt:tcpreply('reply') pkt:send('a longer request') end)\n"
      "  return 'stolen'\n"
      "end";
  add(0, kTcp);
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(2));
  EXPECT_THAT(std::string(run.written[0].frame.begin(), run.written[0].frame.end()),
              testing::EndsWith("reply"));
  const Buffer changed =
      ipv4("10.0.0.1", "10.0.0.2").tcp(1000, 80).payload("a longer request").build();
  EXPECT_EQ(run.written[1], as_it_came(5, ethernet(changed)));
}

TEST_F(ReplayTest, a_held_packet_that_cannot_be_sent_so_is_dropped_and_counted) {
  run.script =
      "function target(pkt)\n"
      "  timer.create(5, function() print(pkt:send('not TCP')) end)\n"
      "  return 'stolen'\n"
      "end";
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.written, IsEmpty());
  EXPECT_THAT(run.events.lines, ElementsAre(HasSubstr("5 log nil")));
  EXPECT_EQ(run.summary.held_end(HeldEnd::failed), 1u);
  EXPECT_FALSE(is_connected());
  EXPECT_EQ(conntrack().size(), 0u);
}

// ---- Connections

TEST_F(ReplayTest, a_connection_is_there_once_a_packet_of_it_has_passed) {
  struct {
    const char* target;
    bool is_connected;
  } const cases[] = {
      {"return 'accept'", true},
      {"return 'stop'", true},
      {"return nil", true},
      {"return 'drop'", false},
      {"return 'queue'", false},
      {"timer.create(5, function() pkt:send() end) return 'stolen'", true},
      {"timer.create(5, function() pkt:close() end) return 'stolen'", false},
      {"return 'stolen'", false},
  };
  for (const auto& test : cases) {
    ReplayRun each;
    each.script = std::string("function target(pkt) ") + test.target + " end";
    each.add(0, ethernet(kUdp));
    EXPECT_EQ(each.run(), "") << test.target;
    const bool is_found = each.conntrack.find(kUdpTuple, each.clock.now_ns()).has_value();
    EXPECT_EQ(is_found, test.is_connected) << test.target;
    EXPECT_EQ(each.conntrack.size(), uint32_t(test.is_connected)) << test.target;
  }
}

TEST_F(ReplayTest, a_connection_is_not_found_while_its_packet_is_held) {
  run.script =
      "function target(pkt)\n"
      "  local function find()\n"
      "    print(conn.find(4, 'udp', '10.0.0.1', 1000, '10.0.0.2', 53) == pkt:connid())\n"
      "  end\n"
      "  timer.create(5, find)\n"
      "  timer.create(6, function() local id = pkt:connid() pkt:send()\n"
      "    print(conn.find(4, 'udp', '10.0.0.1', 1000, '10.0.0.2', 53) == id) end)\n"
      "  return 'stolen'\n"
      "end";
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines, ElementsAre("5 log false", "6 log true"));
}

TEST_F(ReplayTest, without_tracking_there_are_no_connections) {
  run.track = false;
  run.script = "function target(pkt) print(pkt:connid()) end";
  add(0, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines, ElementsAre("0 log nil\tuntracked"));
  EXPECT_EQ(run.summary.untracked, 1u);
  EXPECT_EQ(conntrack().size(), 0u);
}

// ---- What the script doesn't see as it came

TEST_F(ReplayTest, what_is_not_ip_passes_unseen_and_is_counted) {
  run.script = "function target(pkt) return 'drop' end";
  run.add(0, kArp, 18);
  run.add(1, Buffer(3));
  run.add(2, {});
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.written, ElementsAre(Written{0, kArp, uint32_t(kArp.size()) + 18},
                                       as_it_came(1, Buffer(3)), as_it_came(2, {})));
  EXPECT_EQ(run.summary.not_ip, 3u);
}

TEST_F(ReplayTest, what_is_outside_the_filter_passes_unseen_and_is_counted) {
  run.filter.emplace(std::move(*BpfProgram::compile("tcp")));
  run.script = "function target(pkt) return 'drop' end";
  add(0, kUdp);
  add(1, kTcp);
  run.add(2, kArp);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.written, ElementsAre(as_it_came(0, ethernet(kUdp)), as_it_came(2, kArp)));
  EXPECT_EQ(run.summary.outside_filter, 1u);
  EXPECT_EQ(run.summary.not_ip, 1u);
  EXPECT_EQ(verdicts(run.summary, VerdictKind::drop), 1u);
  EXPECT_EQ(conntrack().size(), 0u) << "what is outside isn't tracked";
}

TEST_F(ReplayTest, a_filter_sees_the_packet_under_tags_and_padding) {
  run.filter.emplace(std::move(*BpfProgram::compile("udp port 53 and len = 33 and ip[0] = 0x45")));
  run.add(0, ethernet(kUdp, {7}));
  run.add(1, ethernet(kUdp, {7, 8}));
  run.add(2, ethernet(kUdp) + Buffer(13));
  run.add(3, ethernet(kTcp, {7}));
  EXPECT_EQ(run.run(), "");
  EXPECT_EQ(verdicts(run.summary, VerdictKind::proceed), 3u);
  EXPECT_EQ(run.summary.outside_filter, 1u);
}

TEST_F(ReplayTest, a_filter_takes_lengths_on_the_wire) {
  run.filter.emplace(std::move(*BpfProgram::compile("greater 1000")));
  run.add(0, ethernet(kUdp), 1000);
  run.add(1, ethernet(kUdp));
  EXPECT_EQ(run.run(), "");
  EXPECT_EQ(verdicts(run.summary, VerdictKind::proceed), 1u);
  EXPECT_EQ(run.summary.outside_filter, 1u);
}

struct Fragments {
  Buffer first = ipv4().protocol(IpProto::udp).payload(udp.substr(0, 16)).fragment(0, true).build();
  Buffer last = ipv4().protocol(IpProto::udp).payload(udp.substr(16)).fragment(16, false).build();

  static const std::string udp;
};
const std::string Fragments::udp("\x03\xe8\0\x35\0\x18\0\0sixteen payload..", 24);

TEST_F(ReplayTest, fragments_are_judged_as_a_whole_and_the_others_counted) {
  run.defrag.emplace();
  run.script = "function target(pkt) print(#pkt, (pkt:find('payload'))) end";
  add(0, Fragments().first);
  run.add(1, ethernet(Fragments().last), 9);
  add(2, Fragments().first);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines, ElementsAre("1 log 44\t37"));
  EXPECT_EQ(run.summary.absorbed_fragments, 2u);
  EXPECT_EQ(verdicts(run.summary, VerdictKind::proceed), 1u);
  ASSERT_THAT(run.written, SizeIs(1));
  EXPECT_EQ(run.written[0].time_ms, 1);
  EXPECT_EQ(run.written[0].frame.size(), 14u + 44u);
  EXPECT_EQ(run.written[0].original_length, 14u + 44u) << "the whole misses nothing";
  EXPECT_EQ(run.summary.untracked, 0u);
}

TEST_F(ReplayTest, without_defrag_each_fragment_is_a_packet) {
  add(0, Fragments().first);
  add(1, Fragments().last);
  EXPECT_EQ(run.run(), "");
  EXPECT_EQ(run.written.size(), 2u);
  EXPECT_EQ(run.summary.untracked, 2u);
}

// ---- Ends and events

TEST_F(ReplayTest, an_empty_capture_is_no_failure) {
  run.set_data("{\"text\": \"\"}");
  EXPECT_EQ(run.run(), "");
  EXPECT_EQ(run.summary.records, 0u);
}

constexpr uint16_t kUsb = 220;
constexpr uint16_t kRadiotap = 127;
constexpr uint16_t kNflogType = 239;

TEST_F(ReplayTest, an_unknown_link_type_costs_only_its_packets) {
  add(0, kUdp);
  run.add_interface(kUsb);
  run.add_interface(kRadiotap);
  run.capture.enhanced(1, uint64_t(ReplayRun::kStartNs), "frame");
  run.capture.enhanced(2, uint64_t(ReplayRun::kStartNs),
                       std::string("\0\0\x08\0\0\0\0\0", 8) + "\x08\x41");
  add(1, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_EQ(run.summary.records, 4u);
  EXPECT_EQ(run.summary.not_ip, 2u);
  EXPECT_EQ(run.summary.encrypted, 1u);
  EXPECT_THAT(run.summary.unknown_link_types, ElementsAre(std::pair(LinkType{kUsb}, 1u)));
  EXPECT_EQ(run.written.size(), 4u) << "all of them pass";
}

TEST_F(ReplayTest, a_capture_of_unknown_link_types_alone_is_refused_at_its_end) {
  ReplayRun usb(kUsb);
  usb.add(0, kUdp);
  usb.add(1, kUdp);
  EXPECT_THAT(usb.run(), HasSubstr("link type USB_LINUX_MMAPPED (220), expected one that"));
  EXPECT_EQ(usb.summary.unknown_link_types.at(LinkType{kUsb}), 2u);
  EXPECT_EQ(usb.written.size(), 2u);
}

/// A record of NFLOG, unpadded: what says where the packet was, then the packet.
Buffer nflog(const Buffer& packet, const Buffer& facts = {}) {
  const size_t length = 4 + packet.size();
  return Buffer{2, 0, 0, 1} + facts + Buffer{uint8_t(length), uint8_t(length >> 8), 9, 0} + packet;
}

TEST_F(ReplayTest, what_nflog_tells_of_a_packet_reaches_the_script) {
  ReplayRun log(kNflogType);
  log.script =
      "function target(pkt) print(pkt:hook(), pkt:indev(), pkt:outdev(), pkt:mark(), pkt:owner()) "
      "end";
  log.add(0, nflog(kUdp, Buffer{8, 0, 1, 0, 8, 0, 2, 0} +          // a packet in FORWARD
                             Buffer{8, 0, 2, 0, 0, 0, 0, 5} +      // its mark
                             Buffer{8, 0, 4, 0, 0, 0, 0, 3} +      // devices
                             Buffer{8, 0, 5, 0, 0, 0, 0, 12} +     //
                             Buffer{8, 0, 11, 0, 0, 0, 3, 0xe8} +  // user and group
                             Buffer{8, 0, 14, 0, 0, 0, 0, 100}));
  log.add(1, nflog(kUdp));
  EXPECT_EQ(log.run(), "");
  EXPECT_THAT(log.events.lines,
              ElementsAre("0 log forward\tif3\tif12\t5\t1000\t100", "1 log nil\tnil\tnil\t0\tnil"));
}

TEST_F(ReplayTest, a_packet_made_for_nflog_has_its_length_and_padding) {
  ReplayRun log(kNflogType);
  log.script = "function target(pkt) pkt:reply('four!') return 'drop' end";
  log.add(0, nflog(kUdp));
  EXPECT_EQ(log.run(), "");
  const Buffer answer = ipv4("10.0.0.2", "10.0.0.1").udp(53, 1000).payload("four!").build();
  ASSERT_THAT(log.written, SizeIs(1));
  EXPECT_EQ(log.written[0].frame.size(), 8u + 36u) << "33 bytes, padded";
  EXPECT_EQ(log.written[0].frame[4], 4 + answer.size());
}

TEST_F(ReplayTest, a_packet_made_for_pppoe_has_its_length) {
  const Buffer header = Buffer(12, 2) + Buffer{0x88, 0x64, 0x11, 0, 0, 7, 0, 99, 0, 0x21};
  run.script =
      "function target(pkt)\n"
      "  timer.create(1, function() pkt:send('more than there was before') end)\n"
      "  return 'stolen'\n"
      "end";
  run.add(0, header + kTcp);
  EXPECT_EQ(run.run(), "");
  ASSERT_THAT(run.written, SizeIs(1));
  const Buffer& frame = run.written[0].frame;
  EXPECT_EQ(frame[18] << 8 | frame[19], int(frame.size() - 20)) << "PPP's header and the packet";
}

TEST_F(ReplayTest, of_an_aggregate_one_packet_is_judged_and_all_is_written) {
  ReplayRun wifi(105);
  const Buffer snap{0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
  const Buffer part = Buffer(13) + Buffer{uint8_t(snap.size() + kUdp.size())} + snap + kUdp;
  const Buffer padding(-part.size() % 4);
  const Buffer frame = Buffer{0x88, 2} + Buffer(22) + Buffer{0x80, 0} + part + padding + part;
  wifi.script = "function target(pkt) print(#pkt) end";
  wifi.add(0, frame);
  EXPECT_EQ(wifi.run(), "");
  EXPECT_THAT(wifi.events.lines, ElementsAre("0 log " + std::to_string(kUdp.size())));
  EXPECT_EQ(wifi.summary.aggregates, 1u);
  EXPECT_THAT(wifi.written, ElementsAre(as_it_came(0, frame)));
}

TEST_F(ReplayTest, what_came_before_the_damage_counts) {
  add(0, kUdp);
  run.capture.text("damage");
  EXPECT_NE(run.run(), "");
  EXPECT_EQ(run.summary.records, 1u);
  EXPECT_EQ(run.written.size(), 1u);
}

TEST_F(ReplayTest, a_full_disk_ends_the_run) {
  constexpr int kPackets = 1000;  // more than the writer buffers
  for (int i = 0; i < kPackets; ++i) run.add(i, kArp + Buffer(1000));
  EXPECT_THAT(run.run("/dev/full"), HasSubstr("No space left on device"));
  EXPECT_LT(run.summary.records, uint64_t{kPackets});
}

TEST_F(ReplayTest, ends_before_the_next_record_when_it_is_told_to_stop) {
  run.script = "function target(pkt) timer.create(5, function() print('never') end) end";
  run.stop = true;
  add(0, kUdp);
  add(10, kUdp);
  EXPECT_EQ(run.run(), "");
  EXPECT_EQ(run.summary.records, 1u);
  EXPECT_EQ(run.written.size(), 1u);
  EXPECT_EQ(run.summary.timers_left, 1u);
  EXPECT_THAT(run.events.lines, IsEmpty());
}

TEST_F(ReplayTest, each_packet_and_rule_is_an_event_if_asked_for) {
  run.tell_packets = true;
  run.script =
      "function target(pkt)\n"
      "  pkt:mark(5) pkt:reply('reply')\n"
      "  timer.create(5, function() pkt:send() end)\n"
      "  return 'stolen'\n"
      "end";
  run.add(0, kArp);
  run.add(1, ethernet(kUdp), 9);
  EXPECT_EQ(run.run(), "");
  EXPECT_THAT(run.events.lines, ElementsAre("1 packet 2: 33 of 42 bytes", "1 reply 2: 33 bytes",
                                            "rule 2: target stolen", "1 verdict 2: stolen mark 5",
                                            "6 held 2: sent 33 bytes"));
}

TEST_F(ReplayTest, a_raw_capture_has_no_frames_and_replies_have_none_either) {
  ReplayRun raw(101);
  raw.script = "function target(pkt) print(#pkt:frame(), pkt:indev()) pkt:reply('reply') end";
  raw.add(0, ipv6().udp(1, 2).build());
  EXPECT_EQ(raw.run(), "");
  EXPECT_THAT(raw.events.lines, ElementsAre("0 log 0\teth0"));
  ASSERT_THAT(raw.written, SizeIs(2));
  EXPECT_EQ(raw.written[0].frame.size(), 40u + 8u + 5u);
}

}  // namespace
}  // namespace nflua::replay
