// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/capture_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "datapath/replay/capture_format.hpp"
#include "tests/support/capture_builder.hpp"
#include "tests/support/compress.hpp"

namespace nflua::replay {
namespace {

using test::CaptureBuilder;
using test::TempFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Packet {
  int64_t timestamp_ns;
  std::string bytes;
  uint32_t original_length;
  uint32_t interface_id;

  friend bool operator==(const Packet&, const Packet&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Packet& packet) {
    return out << packet.timestamp_ns << " '" << packet.bytes << "' of " << packet.original_length
               << " on " << packet.interface_id;
  }
};

struct Capture {
  std::vector<Packet> packets;
  std::vector<Interface> interfaces;
  /// Of open() or of the reading; empty: none.
  std::string failure;
};

Capture read_path(const std::string& path) {
  auto reader = CaptureReader::open(path);
  if (!reader) return {{}, {}, reader.failure().message()};
  Capture capture;
  while (const Record* record = (*reader)->next()) {
    std::string bytes(record->captured.data(), record->captured.data() + record->captured.size());
    capture.packets.push_back(
        {record->timestamp_ns, bytes, record->original_length, record->interface_id});
  }
  EXPECT_EQ((*reader)->next(), nullptr) << "the end must stay the end";
  capture.interfaces.assign((*reader)->interfaces().begin(), (*reader)->interfaces().end());
  capture.failure = (*reader)->failure().message();
  return capture;
}

Capture read_bytes(const std::string& bytes) {
  TempFile file(bytes);
  return read_path(file.path());
}

TEST(capture_reader, reads_pcap_of_both_byte_orders_and_resolutions) {
  for (bool big_endian : {false, true}) {
    CaptureBuilder micro(big_endian);
    micro.pcap_header(kPcapMicroseconds, 113).pcap_packet(7, 5, "one").pcap_packet(8, 0, "", 60);
    Capture capture = read_bytes(micro.str());
    EXPECT_THAT(capture.failure, IsEmpty());
    EXPECT_THAT(capture.packets,
                ElementsAre(Packet{7'000'005'000, "one", 3, 0}, Packet{8'000'000'000, "", 60, 0}));
    EXPECT_EQ(capture.interfaces.at(0).link_type, LinkType{113});

    CaptureBuilder nano(big_endian);
    nano.pcap_header(kPcapNanoseconds).pcap_packet(4'000'000'000, 5, "x", 1500);
    EXPECT_THAT(read_bytes(nano.str()).packets,
                ElementsAre(Packet{4'000'000'000'000'000'005, "x", 1500, 0}));
  }
}

TEST(capture_reader, takes_snap_length_zero_as_unlimited) {
  std::string packet(kMaxCapturedBytes, 'a');
  CaptureBuilder pcap;
  pcap.pcap_header(kPcapMicroseconds, 1, 0).pcap_packet(0, 0, packet);
  EXPECT_THAT(read_bytes(pcap.str()).packets,
              ElementsAre(Packet{0, packet, uint32_t(packet.size()), 0}));
}

TEST(capture_reader, original_length_is_never_less_than_what_was_captured) {
  CaptureBuilder pcap;
  pcap.pcap_header().pcap_packet(0, 0, "four", 1);
  EXPECT_EQ(read_bytes(pcap.str()).packets.at(0).original_length, 4u);
}

TEST(capture_reader, frame_check_length_is_no_part_of_the_link_type) {
  CaptureBuilder pcap;
  pcap.pcap_header(kPcapMicroseconds, 0x2400'0001);
  EXPECT_EQ(read_bytes(pcap.str()).interfaces.at(0).link_type, LinkType{1});
  EXPECT_EQ(read_bytes(pcap.str()).interfaces.at(0).frame_check_bytes, 4);
  CaptureBuilder untold;
  untold.pcap_header(kPcapMicroseconds, 0x2000'0001);
  EXPECT_EQ(read_bytes(untold.str()).interfaces.at(0).frame_check_bytes, 0);
}

TEST(capture_reader, reads_more_than_its_buffer_holds) {
  CaptureBuilder pcap;
  pcap.pcap_header();
  for (uint32_t i = 0; i < 300; ++i) pcap.pcap_packet(i, 0, std::string(10'007, char(i)));
  Capture capture = read_bytes(pcap.str());
  ASSERT_EQ(capture.packets.size(), 300u);
  for (uint32_t i = 0; i < 300; ++i)
    EXPECT_EQ(capture.packets[i].bytes, std::string(10'007, char(i))) << i;
}

TEST(capture_reader, reads_a_pipe_that_delivers_byte_by_byte) {
  CaptureBuilder pcap;
  pcap.pcap_header().pcap_packet(1, 0, "one").pcap_packet(2, 0, "two");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::thread feeder([&] {
    for (char byte : pcap.str()) EXPECT_EQ(write(ends[1], &byte, 1), 1);
    close(ends[1]);
  });
  Capture capture = read_path("/dev/fd/" + std::to_string(ends[0]));
  feeder.join();
  close(ends[0]);
  EXPECT_EQ(capture.packets.size(), 2u);
  EXPECT_THAT(capture.failure, IsEmpty());
}

TEST(capture_reader, reads_compressed_captures) {
  CaptureBuilder pcap, ng;
  pcap.pcap_header();
  for (uint32_t i = 0; i < 300; ++i) pcap.pcap_packet(i, 0, std::string(10'007, char(i)));
  ng.section().interface().enhanced(0, 1, "first").enhanced(0, 2, "second");
  for (const Compression compression : {Compression::gzip, Compression::zstd, Compression::lz4}) {
    for (const std::string& plain : {pcap.str(), ng.str()}) {
      const Capture capture = read_bytes(test::compress(compression, plain));
      EXPECT_EQ(capture.packets, read_bytes(plain).packets);
      EXPECT_THAT(capture.failure, IsEmpty());
    }
  }
}

TEST(capture_reader, a_compressed_capture_says_where_it_is_damaged) {
  CaptureBuilder pcap;
  pcap.pcap_header().pcap_packet(1, 0, "first").u32(7);
  const Capture cut_inside = read_bytes(test::gzip(pcap.str(), true));
  EXPECT_THAT(cut_inside.failure, HasSubstr("record header at byte 45 of what it unpacks to"));
  std::string wrong_sum = test::gzip(pcap.str(), true);
  wrong_sum.back() = 'x';
  const Capture damaged = read_bytes(wrong_sum);
  EXPECT_EQ(damaged.packets.size(), 1u);
  EXPECT_THAT(damaged.failure, HasSubstr("incorrect length check; the packets before that"));
}

TEST(capture_reader, reads_pcapng_with_several_interfaces_and_sections) {
  CaptureBuilder little;
  little.section().interface(1, 0, {{2, "eth0"}}).enhanced(0, 1'000'001, "one");
  little.interface(113, 96, {{2, "wlan0"}, {9, "\x09"}}).enhanced(1, 5, "two", 1000);
  CaptureBuilder big(true);
  big.section().interface(101).enhanced(0, 3, "three");
  Capture capture = read_bytes(little.str() + big.str());
  EXPECT_THAT(capture.failure, IsEmpty());
  EXPECT_THAT(capture.packets, ElementsAre(Packet{1'000'001'000, "one", 3, 0},
                                           Packet{5, "two", 1000, 1}, Packet{3000, "three", 5, 2}));
  ASSERT_EQ(capture.interfaces.size(), 3u);
  EXPECT_EQ(capture.interfaces[0].name, "eth0");
  EXPECT_EQ(capture.interfaces[1].name, "wlan0");
  EXPECT_EQ(capture.interfaces[1].snap_length, 96u);
  EXPECT_EQ(capture.interfaces[2].name, "");
  EXPECT_EQ(capture.interfaces[2].link_type, LinkType{101});
}

TEST(capture_reader, timestamps_follow_resolution_and_offset) {
  std::string one_second_later("\x01\0\0\0\0\0\0\0", 8);
  std::string far_future("\xff\xff\xff\xff\xff\xff\xff\x7f", 8);
  struct {
    std::vector<CaptureBuilder::Option> options;
    uint64_t count;
    int64_t expected_ns;
  } const cases[] = {
      {{}, 7, 7000},
      {{{9, "\x06"}}, 7, 7000},
      {{{9, std::string(1, '\0')}}, 7, 7'000'000'000},
      {{{9, "\x09"}}, 7, 7},
      {{{9, "\x0c"}}, 7999, 7},
      {{{9, "\x1c"}}, UINT64_MAX, 1},
      {{{9, "\x7f"}}, UINT64_MAX, 0},
      {{{9, "\x80"}}, 7, 7'000'000'000},
      {{{9, "\x8a"}}, 1536, 1'500'000'000},
      {{{9, "\xff"}}, UINT64_MAX, 0},
      {{{14, one_second_later}}, 7, 1'000'007'000},
      {{{9, std::string(1, '\0')}}, UINT64_MAX, INT64_MAX},
      {{{14, far_future}}, 7, INT64_MAX},
      {{{9, "too long"}}, 7, 7000},
  };
  for (const auto& test : cases) {
    CaptureBuilder capture;
    capture.section().interface(1, 0, test.options).enhanced(0, test.count, "x");
    EXPECT_THAT(read_bytes(capture.str()).packets,
                ElementsAre(Packet{test.expected_ns, "x", 1, 0}));
  }
}

TEST(capture_reader, reads_simple_and_obsolete_packets) {
  CaptureBuilder simple;
  simple.u32(10).text("0123456789");
  CaptureBuilder snapped;
  snapped.u32(1000).text("abcd");
  CaptureBuilder obsolete;
  obsolete.u16(0).u16(9).u32(0).u32(5).u32(3).u32(60).text("old");
  CaptureBuilder capture;
  capture.section().interface(1, 12).enhanced(0, 2, "first");
  capture.block(kSimplePacketBlock, simple.str()).block(kSimplePacketBlock, snapped.str());
  capture.block(kObsoletePacketBlock, obsolete.str());
  EXPECT_THAT(read_bytes(capture.str()).packets,
              ElementsAre(Packet{2000, "first", 5, 0}, Packet{2000, "0123456789", 10, 0},
                          Packet{2000, "abcd", 1000, 0}, Packet{5000, "old", 60, 0}));
}

TEST(capture_reader, simple_packets_in_front_take_the_first_time_that_comes) {
  CaptureBuilder simple;
  simple.u32(3).text("one");
  const std::string block = simple.str();
  CaptureBuilder obsolete;
  obsolete.u16(0).u16(9).u32(0).u32(5).u32(3).u32(3).text("old");
  const auto begin = [&] {
    CaptureBuilder capture;
    capture.section().interface(1).block(kSimplePacketBlock, block);
    return capture.block(kSimplePacketBlock, block);
  };
  const Packet at_5us{5000, "one", 3, 0};
  struct {
    const char* what;
    CaptureBuilder capture;
    Packet first;
  } const cases[] = {
      {"an enhanced packet", begin().enhanced(0, 5, "two"), at_5us},
      {"an obsolete packet", begin().block(kObsoletePacketBlock, obsolete.str()), at_5us},
      {"behind an unknown block", begin().block(77, "what").enhanced(0, 5, "two"), at_5us},
      {"of an interface with another resolution",
       begin().interface(1, 0, {{9, "\x09"}}).enhanced(1, 5000, "two"), at_5us},
      {"too far",
       begin().block(77, std::string(70'000, 'x')).enhanced(0, 5, "two"),
       {0, "one", 3, 0}},
      {"in another section",
       begin().section().interface(1).enhanced(0, 5, "two"),
       {0, "one", 3, 0}},
      {"none", begin(), {0, "one", 3, 0}},
      {"damage", begin().text("damage"), {0, "one", 3, 0}},
      {"of an interface that isn't there", begin().enhanced(7, 5, "two"), {0, "one", 3, 0}},
  };
  for (const auto& test : cases) {
    const auto packets = read_bytes(test.capture.str()).packets;
    ASSERT_GE(packets.size(), 2u) << test.what;
    EXPECT_EQ(packets[0], test.first) << test.what;
    EXPECT_EQ(packets[1], test.first) << test.what;
  }
}

TEST(capture_reader, skips_unknown_blocks_however_long) {
  CaptureBuilder capture;
  capture.section().block(5, "statistics").block(0x8000'0001, std::string(3'000'000, 'x'));
  capture.interface().block(10, "").enhanced(0, 1, "one");
  Capture read = read_bytes(capture.str());
  EXPECT_THAT(read.failure, IsEmpty());
  EXPECT_EQ(read.packets.size(), 1u);
}

TEST(capture_reader, says_what_is_no_capture) {
  CaptureBuilder modified, version, big_modified(true), future;
  modified.pcap_header(kPcapModified);
  big_modified.pcap_header(kPcapModified);
  version.u32(kPcapMicroseconds).u16(3).u16(0).text(std::string(16, '\0'));
  future.section(2);
  struct {
    std::string content;
    const char* message;
  } const cases[] = {
      {"", "empty"},
      {"\x1f\x8b\x01 rest", "damaged at byte "},
      {"\x1f\x8b", "cut off at byte 2 of the gzip data"},
      {test::gzip("", true), "nothing compressed"},
      {test::zstd("text", true), "starts with bytes 74 65 78 74, expected"},
      {test::lz4(test::gzip(future.str(), true), true), "compressed (gzip inside"},
      {"\xfd"
       "7zXZ",
       "compressed (xz), expected a pcap or pcapng file, plain or compressed by gzip"},
      {"BZh9", "bzip2"},
      {"GET / HTTP/1.1", "starts with bytes 47 45 54 20, expected"},
      {"ab", "starts with bytes 61 62, expected"},
      {modified.str(), "modified"},
      {big_modified.str(), "modified"},
      {version.str(), "version 3.0, expected 2.4"},
      {modified.str().substr(0, 20), "cut off in the file header"},
      {future.str(), "pcapng version 2, expected 1"},
      {future.str().substr(0, 10), "cut off in the middle of the section header at byte 0"},
  };
  for (const auto& test : cases)
    EXPECT_THAT(read_bytes(test.content).failure, HasSubstr(test.message));
  EXPECT_THAT(read_path("/nonexistent/x").failure, HasSubstr("No such file or directory"));
  EXPECT_THAT(read_path("/tmp").failure, HasSubstr("is a directory"));
}

TEST(capture_reader, damage_ends_the_reading_after_the_packets_before_it) {
  CaptureBuilder good_pcap;
  good_pcap.pcap_header().pcap_packet(1, 0, "good");
  CaptureBuilder good_ng;
  good_ng.section().interface().enhanced(0, 1, "good");
  auto pcap = [&](CaptureBuilder& tail) { return good_pcap.str() + tail.str(); };
  auto ng = [&](CaptureBuilder& tail) { return good_ng.str() + tail.str(); };
  CaptureBuilder huge, ng_huge, ng_small, ng_odd, ng_other_interface, ng_captured, ng_trailer,
      ng_skipped, ng_section, ng_no_interface, ng_empty_packet, ng_name;
  struct {
    std::string content;
    const char* message;
  } const cases[] = {
      {pcap(huge.u32(0).u32(0).u32(kMaxCapturedBytes + 1).u32(1)), "byte 44: a packet of 262145"},
      {ng(ng_huge.u32(6).u32(0xffff'fffc)), "a packet's block of 4294967292 bytes"},
      {ng(ng_small.u32(6).u32(8)), "a block of 8 bytes"},
      {ng(ng_odd.u32(99).u32(17)), "a block of 17 bytes"},
      {ng(ng_other_interface.enhanced(1, 1, "x")), "interface 1, which the section"},
      {ng(ng_captured.u32(6).u32(32).u32(0).u64(0).u32(1).u32(1).u32(32)), "a packet of 1 bytes"},
      {ng(ng_trailer.u32(1).u32(20).u64(1).u32(24)), "two lengths differ"},
      {ng(ng_skipped.u32(99).u32(12).u32(16)), "two lengths differ"},
      {ng(ng_section.u32(kSectionHeaderBlock).u32(28).u64(0).u64(0)), "byte-order magic"},
      {ng(ng_no_interface.section().enhanced(0, 1, "x")), "interface 0, which the section"},
      {ng(ng_empty_packet.block(6, "")), "without fixed fields"},
      {ng(ng_name.interface(1, 0, {{2, std::string(300, 'n')}})), "name of 300 bytes"},
  };
  for (const auto& test : cases) {
    Capture capture = read_bytes(test.content);
    EXPECT_THAT(capture.failure, HasSubstr(test.message));
    EXPECT_EQ(capture.packets.size(), 1u) << test.message;
  }
}

TEST(capture_reader, a_capture_cut_anywhere_gives_the_whole_packets_before) {
  CaptureBuilder pcap, ng;
  pcap.pcap_header().pcap_packet(1, 0, "first").pcap_packet(2, 0, "second");
  ng.section().interface().block(5, "skipped").enhanced(0, 1, "first").enhanced(0, 1, "second");
  for (const std::string& whole : {pcap.str(), ng.str()}) {
    size_t last = 0;
    for (size_t size = 1; size < whole.size(); ++size) {
      Capture capture = read_bytes(whole.substr(0, size));
      EXPECT_GE(capture.packets.size(), last) << size;
      last = capture.packets.size();
      bool ends_clean = capture.failure.empty();
      Capture longer = read_bytes(whole.substr(0, size) + "\x01");
      EXPECT_TRUE(!ends_clean || !longer.failure.empty()) << size;
    }
    EXPECT_EQ(last, 1u);
    EXPECT_EQ(read_bytes(whole).packets.size(), 2u);
  }
}

TEST(capture_reader, an_empty_interface_name_is_none) {
  CaptureBuilder capture;
  // Without an end of options behind it: nothing follows the option's header.
  CaptureBuilder interface;
  interface.u16(1).u16(0).u32(0).u16(2).u16(0);
  capture.section().block(1, interface.str()).enhanced(0, 1, "one");
  TempFile file(capture.str());
  auto reader = CaptureReader::open(file.path());
  ASSERT_TRUE(reader);
  ASSERT_NE((*reader)->next(), nullptr);
  EXPECT_EQ((*reader)->interfaces()[0].name, "");
}

TEST(capture_reader, interfaces_are_bounded) {
  CaptureBuilder capture;
  capture.section();
  for (uint32_t i = 0; i <= kMaxInterfaces; ++i) capture.interface();
  EXPECT_THAT(read_bytes(capture.str()).failure, HasSubstr("more than 4096 interfaces"));
}

TEST(capture_reader, captured_bytes_are_writable_without_harm_to_the_next) {
  CaptureBuilder pcap;
  pcap.pcap_header().pcap_packet(1, 0, "one").pcap_packet(2, 0, "two");
  TempFile file(pcap.str());
  auto reader = CaptureReader::open(file.path());
  ASSERT_TRUE(bool(reader));
  MutableBytes first = (*reader)->next()->captured;
  for (size_t i = 0; i < first.size(); ++i) first[i] = 'x';
  EXPECT_TRUE(Bytes((*reader)->next()->captured) == Text("two").bytes());
}

}  // namespace
}  // namespace nflua::replay
