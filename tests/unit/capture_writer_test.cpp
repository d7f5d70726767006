// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/capture_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  auto reader = CaptureReader::open(file.path());
  EXPECT_TRUE(bool(reader)) << reader.failure().message();
  return std::move(*reader);
}

OutputRecord as_output(const Record& record, size_t header_bytes) {
  Bytes captured = record.captured;
  return {record.timestamp_ns, captured.first(header_bytes), captured.sub(header_bytes),
          record.original_length, record.interface_id};
}

void copy(CaptureReader& reader, const std::string& to) {
  auto writer = CaptureWriter::open(to, reader);
  ASSERT_TRUE(bool(writer)) << writer.failure().message();
  while (const Record* record = reader.next()) EXPECT_TRUE((*writer)->write(as_output(*record, 2)));
  EXPECT_THAT((*writer)->close().message(), IsEmpty());
}

TEST(capture_writer, copies_pcap_byte_for_byte) {
  for (uint32_t magic : {kPcapMicroseconds, kPcapNanoseconds}) {
    CaptureBuilder pcap;
    pcap.pcap_header(magic, 113).pcap_packet(7, 5, "one").pcap_packet(8, 999'999, "", 60);
    for (uint32_t i = 0; i < 300; ++i) pcap.pcap_packet(i, 0, std::string(10'007, char(i)), 20'000);
    TempFile in(pcap.str());
    TempFile out("what was there before is gone");
    copy(*reader_of(in), out.path());
    EXPECT_EQ(content(out.path()), pcap.str());
  }
}

TEST(capture_writer, writes_a_foreign_byte_order_in_its_own) {
  CaptureBuilder foreign(true), native(false);
  foreign.pcap_header().pcap_packet(7, 5, "one");
  native.pcap_header().pcap_packet(7, 5, "one");
  TempFile in(foreign.str()), out;
  copy(*reader_of(in), out.path());
  EXPECT_EQ(content(out.path()), native.str());
}

TEST(capture_writer, copies_pcapng_with_its_interfaces) {
  CaptureBuilder ng, expected;
  ng.section().interface(1, 96, {{2, "eth0"}}).enhanced(0, 7, "first", 1500);
  ng.section().interface(101, 0, {{2, "tun"}, {9, "\x09"}}).enhanced(0, 8, "second");
  ng.interface(276);
  expected.section().interface(1, 0, {{2, "eth0"}, {9, "\x09"}}).enhanced(0, 7000, "first", 1500);
  expected.interface(101, 0, {{2, "tun"}, {9, "\x09"}}).enhanced(1, 8, "second");
  expected.interface(276, 0, {{2, ""}, {9, "\x09"}});
  TempFile in(ng.str()), out;
  copy(*reader_of(in), out.path());
  EXPECT_EQ(content(out.path()), expected.str());
}

TEST(capture_writer, a_capture_without_packets_stays_one) {
  CaptureBuilder ng;
  ng.section().interface(1, 0, {{2, "eth0"}, {9, "\x09"}});
  TempFile in(ng.str()), out;
  copy(*reader_of(in), out.path());
  EXPECT_EQ(content(out.path()), ng.str());
}

TEST(capture_writer, a_longer_packet_has_no_smaller_original_length) {
  CaptureBuilder pcap, expected;
  pcap.pcap_header();
  expected.pcap_header().pcap_packet(1, 0, "longer");
  TempFile in(pcap.str()), out;
  auto reader = reader_of(in);
  auto writer = CaptureWriter::open(out.path(), *reader);
  EXPECT_TRUE((*writer)->write({kNsPerSecond, {}, Text("longer").bytes(), 3, 0}));
  EXPECT_THAT((*writer)->close().message(), IsEmpty());
  EXPECT_EQ(content(out.path()), expected.str());
}

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
