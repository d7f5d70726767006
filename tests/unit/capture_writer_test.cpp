// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/capture_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "datapath/replay/capture_format.hpp"
#include "tests/support/capture_builder.hpp"

namespace nflua::replay {
namespace {

using test::CaptureBuilder;
using test::TempFile;
using testing::HasSubstr;
using testing::IsEmpty;

std::string content(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::unique_ptr<CaptureReader> reader_of(const TempFile& file) {
  auto reader = CaptureReader::open(file.path(), Blocks::keep);
  EXPECT_TRUE(bool(reader)) << reader.failure().message();
  return std::move(*reader);
}

/// A reader and a writer of what it reads; the first packet is read before there is an output.
struct Copying {
  explicit Copying(const std::string& capture, const char* output = nullptr)
      : in(capture), reader(reader_of(in)), next(reader->next()) {
    auto opened = CaptureWriter::open(output ? output : out.path(), *reader);
    EXPECT_TRUE(bool(opened)) << opened.failure().message();
    writer = std::move(*opened);
  }

  void copy(int packets = INT_MAX) {
    for (; next && packets > 0; next = reader->next(), --packets) EXPECT_TRUE(writer->copy(*next));
  }
  void skip() { next = reader->next(); }
  std::string result() {
    EXPECT_THAT(writer->close().message(), IsEmpty());
    EXPECT_THAT(reader->failure().message(), IsEmpty());
    return content(out.path());
  }

  TempFile in;
  TempFile out{"what was there before is gone"};
  std::unique_ptr<CaptureReader> reader;
  const Record* next;
  std::unique_ptr<CaptureWriter> writer;
};

std::string copied(const std::string& capture) {
  Copying copying(capture);
  copying.copy();
  return copying.result();
}

/// What comes out of a pipe.
std::string copied_through_pipe(const std::string& capture) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  Copying copying(capture, ("/dev/fd/" + std::to_string(ends[1])).c_str());
  close(ends[1]);
  copying.copy();
  EXPECT_THAT(copying.writer->close().message(), IsEmpty());
  std::string got(size_t{1} << 16, '\0');  // what fits into a pipe
  const ssize_t size = read(ends[0], got.data(), got.size());
  EXPECT_GE(size, 0);
  got.resize(size_t(std::max<ssize_t>(size, 0)));
  close(ends[0]);
  return got;
}

/// Borrows: `packet`.
OutputRecord made(int64_t timestamp_ns, const std::string& packet, uint32_t interface_id = 0) {
  OutputRecord record;
  record.timestamp_ns = timestamp_ns;
  record.ip = {packet.data(), packet.size()};
  record.interface_id = interface_id;
  return record;
}

constexpr uint32_t kNameResolution = 4;
constexpr uint32_t kSecrets = 10;
constexpr uint32_t kCustom = 0xbad;
constexpr uint32_t kUnknown = 0x1234;
constexpr uint16_t kComment = 1;
constexpr uint16_t kPacketFlags = 2;

/// A section in which everything has a place.
void add_section(CaptureBuilder& ng, bool big_endian) {
  CaptureBuilder obsolete(big_endian), statistics(big_endian), simple(big_endian);
  obsolete.u16(1).u16(9).u32(0).u32(5).u32(3).u32(60).text("old").padding(3).options(
      {{kComment, "long ago"}});
  statistics.u32(0).u64(7).options({{4, "received"}});
  simple.u32(10).text("0123456789");
  ng.section(1, UINT64_MAX, {{kComment, "of the incident"}});
  ng.block(kNameResolution, "names").block(kSecrets, "keys");
  ng.interface(1, 96, {{2, "eth0"}, {3, "uplink"}, {9, "\x09"}, {13, "\x04"}});
  ng.interface(113);
  ng.enhanced(0, 7, "first", 1500, {{kComment, "look at this"}, {kPacketFlags, "\x02\x01"}});
  ng.block(kCustom, "custom").block(kUnknown, "unknown").enhanced(1, 3, "an earlier one");
  ng.block(2, obsolete.str()).block(3, simple.str());
  ng.interface(276).block(kInterfaceStatisticsBlock, statistics.str());
}

// ---- What leaves as it came

TEST(capture_writer, copies_pcap_byte_for_byte) {
  constexpr uint32_t kEthernetWithFrameCheck = 0x2400'0001;
  for (bool big_endian : {false, true}) {
    for (uint32_t magic : {kPcapMicroseconds, kPcapNanoseconds}) {
      CaptureBuilder pcap(big_endian);
      pcap.u32(magic).u16(2).u16(4).u32(3600).u32(6).u32(96).u32(kEthernetWithFrameCheck);
      pcap.pcap_packet(7, 5, "one").pcap_packet(6, 999'999'999, "", 60).pcap_packet(7, 0, "abc", 1);
      for (uint32_t i = 0; i < 300; ++i)
        pcap.pcap_packet(i, 0, std::string(10'007, char(i)), 20'000);
      EXPECT_EQ(copied(pcap.str()), pcap.str());
    }
  }
}

TEST(capture_writer, copies_pcapng_byte_for_byte) {
  CaptureBuilder little, big(true);
  add_section(little, false);
  add_section(little, false);
  add_section(big, true);
  for (const std::string& all :
       {little.str(), big.str(), little.str() + big.str() + little.str()}) {
    EXPECT_EQ(copied(all), all);
    EXPECT_NE(copied_through_pipe(all), "");
  }
}

TEST(capture_writer, copies_a_capture_without_packets) {
  CaptureBuilder ng, empty;
  ng.section().interface(1, 0, {{2, "eth0"}}).block(kUnknown, "");
  empty.section();
  EXPECT_EQ(copied(ng.str()), ng.str());
  EXPECT_EQ(copied(empty.str()), empty.str());
}

TEST(capture_writer, copies_a_block_that_is_longer_than_a_buffer) {
  CaptureBuilder ng;
  ng.section().interface().enhanced(0, 7, "first");
  ng.block(kSecrets, std::string(size_t{3} << 20, 'k')).enhanced(0, 8, "second");
  EXPECT_EQ(copied(ng.str()), ng.str());
}

TEST(capture_writer, what_is_written_to_a_record_before_leaves_with_it) {
  CaptureBuilder ng, changed;
  ng.section().interface().enhanced(0, 7, "first", 0, {{kComment, "comment"}});
  changed.section().interface().enhanced(0, 7, "fIrst", 0, {{kComment, "comment"}});
  Copying copying(ng.str());
  copying.next->captured[1] = 'I';
  copying.copy();
  EXPECT_EQ(copying.result(), changed.str());
}

// ---- What can't be kept

TEST(capture_writer, leaves_out_blocks_that_ask_for_it_or_are_too_long_and_counts_them) {
  CaptureBuilder ng, expected;
  const std::string long_body(kMaxCopiedBlockBytes, 'x');
  ng.section().interface().block(kUncopiedCustomBlock, "mine").enhanced(0, 7, "first");
  ng.block(kUnknown, long_body).enhanced(0, 8, "second");
  expected.section().interface().enhanced(0, 7, "first").enhanced(0, 8, "second");
  Copying copying(ng.str());
  copying.copy();
  EXPECT_EQ(copying.result(), expected.str());
  EXPECT_EQ(copying.reader->blocks_left_out(), 2u);
}

TEST(capture_writer, what_is_in_front_of_the_first_packet_is_bounded) {
  CaptureBuilder ng;
  ng.section().interface();
  const std::string body(kMaxCopiedBlockBytes - 12, 'x');
  for (size_t bytes = 0; bytes <= kMaxEarlyBytes; bytes += body.size()) ng.block(kSecrets, body);
  ng.enhanced(0, 7, "first");
  TempFile in(ng.str());
  auto reader = reader_of(in);
  EXPECT_EQ(reader->next(), nullptr);
  EXPECT_THAT(reader->failure().message(), HasSubstr("more than 64 MiB of blocks in front"));
  auto without_a_copy = CaptureReader::open(in.path());
  EXPECT_NE((*without_a_copy)->next(), nullptr);
}

TEST(capture_writer, a_section_that_says_its_length_says_the_outputs) {
  CaptureBuilder body, left, big_body(true), big(true);
  body.interface().enhanced(0, 7, "first").enhanced(0, 8, "dropped");
  left.interface().enhanced(0, 7, "first");
  big_body.interface().enhanced(0, 9, "third");
  CaptureBuilder whole, expected, unknown, big_header(true);
  whole.section(1, body.str().size()).text(body.str());
  expected.section(1, left.str().size()).text(left.str());
  unknown.section().text(body.str());
  EXPECT_EQ(copied(whole.str()), whole.str());
  EXPECT_EQ(copied_through_pipe(whole.str()), unknown.str());
  big.section(1, big_body.str().size()).text(big_body.str());
  for (const std::string& next_section : {std::string(), big.str()}) {
    Copying copying(whole.str() + next_section);
    copying.copy(1);
    copying.skip();
    copying.copy();
    EXPECT_EQ(copying.result(), expected.str() + next_section);
  }
}

TEST(capture_writer, a_length_that_was_wrong_before_is_left_alone) {
  CaptureBuilder ng;
  ng.section(1, 4).interface().enhanced(0, 7, "first").section(1, 8).interface();
  EXPECT_EQ(copied(ng.str()), ng.str());
}

// ---- What is made

TEST(capture_writer, makes_pcap_records_in_the_inputs_byte_order_and_resolution) {
  constexpr int64_t kTimeNs = 9'000'001'002;
  for (bool big_endian : {false, true}) {
    for (uint32_t magic : {kPcapMicroseconds, kPcapNanoseconds}) {
      CaptureBuilder pcap(big_endian), expected(big_endian);
      const uint32_t fraction = magic == kPcapNanoseconds ? 1002 : 1;
      pcap.pcap_header(magic).pcap_packet(10, 0, "copied");
      expected.pcap_header(magic).pcap_packet(9, fraction, "made").pcap_packet(10, 0, "copied");
      Copying copying(pcap.str());
      EXPECT_TRUE(copying.writer->write(made(kTimeNs, "made")));
      copying.copy();
      EXPECT_EQ(copying.result(), expected.str());
    }
  }
}

TEST(capture_writer, makes_pcapng_records_in_their_interfaces_time_scale) {
  const std::string one_second("\x01\0\0\0\0\0\0\0", 8);
  const std::string one_second_of_big("\0\0\0\0\0\0\0\x01", 8);
  constexpr int64_t kTimeNs = 3'500'000'999;
  for (bool big_endian : {false, true}) {
    CaptureBuilder ng(big_endian);
    ng.section().interface().interface(1, 0, {{9, "\x09"}}).interface(1, 0, {{9, "\x81"}});
    ng.interface(1, 0, {{14, big_endian ? one_second_of_big : one_second}, {9, "\x0c"}});
    CaptureBuilder expected(big_endian), last(big_endian);
    last.enhanced(3, 7, "copied");
    expected.text(ng.str()).enhanced(0, 3'500'000, "a").enhanced(1, kTimeNs, "b");
    expected.enhanced(2, 7, "c").enhanced(3, 2'500'000'999'000, "d").text(last.str());
    Copying copying(ng.str() + last.str());
    for (uint32_t i : {0, 1, 2, 3})
      EXPECT_TRUE(copying.writer->write(made(kTimeNs, std::string(1, char('a' + i)), i)));
    copying.copy();
    EXPECT_EQ(copying.result(), expected.str());
  }
}

TEST(capture_writer, a_made_record_has_what_options_still_hold) {
  CaptureBuilder options, kept, unchanged, ng;
  options.options({{kComment, "comment"},
                   {kOptionHash, "hash!"},
                   {kPacketFlags, "flag"},
                   {kOptionUncopiedBytes, "mine"}});
  ng.section().interface().enhanced(0, 7, "copied");
  kept.text(ng.str());
  kept.enhanced(0, 1, "new", 0, {{kComment, "comment"}, {kPacketFlags, "flag"}});
  kept.enhanced(0, 1, "old", 0,
                {{kComment, "comment"}, {kOptionHash, "hash!"}, {kPacketFlags, "flag"}});
  kept.enhanced(0, 1, "bad");
  Copying copying(ng.str());
  copying.copy();
  const std::string packet = "new";
  OutputRecord record = made(1000, packet);
  record.options = {options.str().data(), options.str().size()};
  record.is_changed = true;
  EXPECT_TRUE(copying.writer->write(record));
  record.ip = Text("old").bytes();
  record.is_changed = false;
  EXPECT_TRUE(copying.writer->write(record));
  EXPECT_EQ(copying.writer->options_left_out(), 2u);
  record.ip = Text("bad").bytes();
  record.options = Text("\1\0\xff\xff cut off").bytes();
  EXPECT_TRUE(copying.writer->write(record));
  EXPECT_EQ(copying.result(), kept.str());
}

TEST(capture_writer, what_was_held_beyond_its_section_finds_its_interface_in_a_later_one) {
  CaptureBuilder first, second(true), expected(true), statistics(true), renumbered(true),
      obsolete(true), moved(true);
  first.section().interface(1, 96, {{2, "eth0"}}).enhanced(0, 7, "first");
  statistics.u32(1).u64(7);
  renumbered.u32(2).u64(7);
  obsolete.u16(1).u16(0).u64(7).u32(4).u32(4).text("old!");
  moved.u16(2).u16(0).u64(7).u32(4).u32(4).text("old!");
  second.section().interface(101).enhanced(0, 8, "second").interface(113).enhanced(1, 9, "third");
  second.block(kObsoletePacketBlock, obsolete.str());
  second.block(kInterfaceStatisticsBlock, statistics.str());
  expected.section().interface(101);
  expected.interface(1, 96, {{2, "eth0"}, {9, "\x09"}, {13, std::string(1, '\0')}});
  expected.enhanced(1, 8500, "held").enhanced(1, 8501, "held").enhanced(0, 8, "second");
  expected.interface(113).enhanced(2, 9, "third");
  expected.block(kObsoletePacketBlock, moved.str());
  expected.block(kInterfaceStatisticsBlock, renumbered.str());
  Copying copying(first.str() + second.str());
  copying.copy(1);
  for (const int64_t time_ns : {8500, 8501})
    EXPECT_TRUE(copying.writer->write(made(time_ns, "held")));
  copying.copy();
  EXPECT_EQ(copying.result(), first.str() + expected.str());
}

TEST(capture_writer, a_longer_packet_has_no_smaller_original_length) {
  CaptureBuilder pcap, expected;
  pcap.pcap_header();
  expected.pcap_header().pcap_packet(1, 0, "longer");
  Copying copying(pcap.str());
  const std::string packet = "longer";
  OutputRecord record = made(kNsPerSecond, packet);
  record.original_length = 3;
  EXPECT_TRUE(copying.writer->write(record));
  EXPECT_EQ(copying.result(), expected.str());
}

TEST(capture_writer, a_packet_longer_than_the_snap_length_raises_it) {
  CaptureBuilder pcap(true), raised(true), ng, raised_ng;
  pcap.pcap_header(kPcapMicroseconds, 1, 4).pcap_packet(1, 0, "four");
  raised.pcap_header().pcap_packet(1, 0, "four").pcap_packet(2, 0, "longer");
  ng.section().interface(1, 4).interface(1, 4).enhanced(0, 1'000'000, "four");
  raised_ng.section().interface().interface().enhanced(0, 1'000'000, "four");
  raised_ng.enhanced(1, 2'000'000, "longer");
  const struct {
    std::string before, after;
  } cases[] = {{pcap.str(), raised.str()}, {ng.str(), raised_ng.str()}};
  for (const auto& [before, after] : cases) {
    Copying copying(before);
    copying.copy();
    const bool is_ng = copying.reader->format() == CaptureFormat::pcapng;
    EXPECT_TRUE(copying.writer->write(made(2 * kNsPerSecond, "longer", is_ng ? 1 : 0)));
    EXPECT_EQ(copying.result(), after);
  }
}

TEST(capture_writer, a_pipe_has_a_snap_length_that_needs_no_raising) {
  CaptureBuilder pcap, raised, ng, raised_ng, large;
  pcap.pcap_header(kPcapMicroseconds, 1, 96).pcap_packet(1, 0, "one");
  raised.pcap_header().pcap_packet(1, 0, "one");
  ng.section().interface(1, 96).enhanced(0, 1, "one");
  raised_ng.section().interface().enhanced(0, 1, "one");
  large.pcap_header(kPcapMicroseconds, 1, 65'535).pcap_packet(1, 0, "one");
  EXPECT_EQ(copied_through_pipe(pcap.str()), raised.str());
  EXPECT_EQ(copied_through_pipe(ng.str()), raised_ng.str());
  EXPECT_EQ(copied_through_pipe(large.str()), large.str());
}

// ---- Failures

TEST(capture_writer, does_not_destroy_its_own_input) {
  CaptureBuilder pcap;
  pcap.pcap_header();
  TempFile in(pcap.str());
  auto reader = reader_of(in);
  EXPECT_THAT(CaptureWriter::open(in.path(), *reader).failure().message(),
              HasSubstr("is the capture that is being read"));
  EXPECT_EQ(content(in.path()), pcap.str());
}

TEST(capture_writer, tells_of_a_full_disk_and_of_a_path_that_cannot_be) {
  CaptureBuilder pcap;
  pcap.pcap_header();
  TempFile in(pcap.str());
  auto reader = reader_of(in);
  auto writer = CaptureWriter::open("/dev/full", *reader);
  ASSERT_TRUE(bool(writer)) << writer.failure().message();
  EXPECT_THAT((*writer)->close().message(), HasSubstr("No space left on device"));
  EXPECT_FALSE((*writer)->write({}));
  EXPECT_THAT(CaptureWriter::open("/nonexistent/out", *reader).failure().message(),
              HasSubstr("No such file or directory"));
}

TEST(capture_writer, refuses_what_the_format_cannot_say) {
  CaptureBuilder pcap;
  pcap.pcap_header();
  TempFile in(pcap.str());
  auto reader = reader_of(in);
  std::string huge(kMaxCapturedBytes + 1, 'x');
  struct {
    OutputRecord record;
    const char* message;
  } const cases[] = {
      {{.timestamp_ns = (int64_t{1} << 32) * kNsPerSecond}, "2106"},
      {{.timestamp_ns = -1}, "1970"},
      {{.ip = {huge.data(), huge.size()}}, "262145 bytes"},
  };
  for (const auto& test : cases) {
    TempFile out;
    auto writer = CaptureWriter::open(out.path(), *reader);
    EXPECT_FALSE((*writer)->write(test.record));
    EXPECT_THAT((*writer)->close().message(), HasSubstr(test.message));
  }
}

}  // namespace
}  // namespace nflua::replay
