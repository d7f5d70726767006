// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/nflog.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace nflua::replay {
namespace {

using Record = std::vector<uint8_t>;

constexpr uint8_t kIpv4 = 2;
constexpr uint8_t kArp = 3;
constexpr uint8_t kDevice = 5;
constexpr uint8_t kBridge = 7;
constexpr uint8_t kIpv6 = 10;

/// What a record is built of, in either byte order of lengths and types.
class Builder {
 public:
  explicit Builder(uint8_t family, bool is_big_endian = false)
      : record_{family, 0, 0, 1}, is_big_endian_(is_big_endian) {}

  Builder& add(uint16_t type, const Record& value) {
    u16(uint16_t(4 + value.size()));
    u16(type);
    record_.insert(record_.end(), value.begin(), value.end());
    record_.resize((record_.size() + 3) & ~size_t{3});
    return *this;
  }
  Builder& add32(uint16_t type, uint32_t value) {
    return add(type,
               {uint8_t(value >> 24), uint8_t(value >> 16), uint8_t(value >> 8), uint8_t(value)});
  }
  const Record& record() const { return record_; }

 private:
  void u16(uint16_t value) {
    const auto high = uint8_t(value >> 8);
    const auto low = uint8_t(value);
    record_.push_back(is_big_endian_ ? high : low);
    record_.push_back(is_big_endian_ ? low : high);
  }

  Record record_;
  bool is_big_endian_;
};

const Record kPacket = {0x45, 1, 2, 3, 4};
const Record kForwardIpv4 = {8, 0, 2, 0};

SplitFrame split(Record& record) { return split_nflog({record.data(), record.size()}); }

TEST(nflog, the_packet_is_an_attribute_in_either_byte_order) {
  for (const bool is_big_endian : {false, true}) {
    Record record = Builder(kIpv4, is_big_endian)
                        .add(1, kForwardIpv4)
                        .add(10, {'w', 'e', 'b', 0})
                        .add(9, kPacket)
                        .record();
    const SplitFrame frame = split(record);
    ASSERT_EQ(frame.kind, FrameKind::ip) << is_big_endian;
    EXPECT_EQ(Bytes(frame.packet), Bytes(kPacket.data(), kPacket.size()));
    EXPECT_EQ(frame.trailer.size(), 3u) << "its padding is none of it";
    EXPECT_TRUE(frame.length.pads_packet);
  }
}

TEST(nflog, the_other_attributes_say_where_it_was) {
  for (const bool is_big_endian : {false, true}) {
    Record record = Builder(kIpv6, is_big_endian)
                        .add(1, {0x86, 0xdd, 3, 0})
                        .add32(2, 0x12345678)
                        .add32(4, 3)
                        .add32(5, 70000)
                        .add32(11, 1000)
                        .add32(14, 100)
                        .add(9, kPacket)
                        .record();
    const NflogFacts facts = read_nflog_facts(split(record).header);
    EXPECT_STREQ(facts.hook, "output");
    EXPECT_EQ(facts.mark, 0x12345678u);
    EXPECT_EQ(facts.in_device, 3u);
    EXPECT_EQ(facts.out_device, 70000u);
    EXPECT_TRUE(facts.has_owner);
    EXPECT_EQ(facts.owner.uid, 1000u);
    EXPECT_EQ(facts.owner.gid, 100u);
  }
}

TEST(nflog, what_is_not_said_is_not_known) {
  Record record = Builder(kIpv4).add(9, kPacket).record();
  const NflogFacts facts = read_nflog_facts(split(record).header);
  EXPECT_EQ(facts.hook, nullptr);
  EXPECT_EQ(facts.mark, 0u);
  EXPECT_EQ(facts.in_device, 0u);
  EXPECT_EQ(facts.out_device, 0u);
  EXPECT_FALSE(facts.has_owner);
}

TEST(nflog, hooks_have_names_where_the_family_has_those_hooks) {
  struct {
    uint8_t family;
    uint8_t hook;
    const char* name;
  } const cases[] = {
      {kIpv4, 0, "prerouting"}, {kIpv6, 1, "input"},         {kIpv4, 2, "forward"},
      {kIpv4, 3, "output"},     {kBridge, 4, "postrouting"}, {kIpv4, 5, nullptr},
      {kArp, 0, nullptr},       {kDevice, 0, nullptr},       {kIpv4, 255, nullptr},
  };
  for (const auto& test : cases) {
    Record record = Builder(test.family).add(1, {8, 0, test.hook, 0}).add(9, kPacket).record();
    EXPECT_STREQ(read_nflog_facts({record.data(), record.size()}).hook, test.name)
        << int(test.family) << ": " << int(test.hook);
  }
}

TEST(nflog, of_other_families_the_ether_type_decides) {
  struct {
    const char* what;
    uint8_t family;
    Record packet_header;
    FrameKind kind;
  } const cases[] = {
      {"IPv4 on a bridge", kBridge, {8, 0, 2, 0}, FrameKind::ip},
      {"IPv6 on a device", kDevice, {0x86, 0xdd, 0, 0}, FrameKind::ip},
      {"ARP on a bridge", kBridge, {8, 6, 2, 0}, FrameKind::not_ip},
      {"ARP", kArp, {8, 6, 0, 0}, FrameKind::not_ip},
      {"a length", kBridge, {0, 4, 2, 0}, FrameKind::not_ip},
      {"nothing", kBridge, {}, FrameKind::not_ip},
  };
  for (const auto& test : cases) {
    Record record = Builder(test.family).add(1, test.packet_header).add(9, kPacket).record();
    EXPECT_EQ(split(record).kind, test.kind) << test.what;
  }
}

TEST(nflog, lengths_that_lie_end_the_record) {
  struct {
    const char* what;
    Record record;
    FrameKind kind;
    size_t packet_bytes;
  } const cases[] = {
      {"nothing", {}, FrameKind::cut_off, 0},
      {"half a header", {2, 0, 0}, FrameKind::cut_off, 0},
      {"no attribute", {2, 0, 0, 1}, FrameKind::not_ip, 0},
      {"an attribute that is cut off", {2, 0, 0, 1, 8, 0, 9}, FrameKind::not_ip, 0},
      {"shorter than itself", {2, 0, 0, 1, 3, 0, 9, 0, 0x45}, FrameKind::not_ip, 0},
      {"of no length", {2, 0, 0, 1, 0, 0, 9, 0, 0x45}, FrameKind::not_ip, 0},
      {"past the end", {2, 0, 0, 1, 0xff, 0xff, 9, 0, 0x45}, FrameKind::ip, 1},
      {"past the end, in front", {2, 0, 0, 1, 0xff, 0xff, 2, 0, 0x45}, FrameKind::not_ip, 0},
      {"empty", {2, 0, 0, 1, 4, 0, 9, 0}, FrameKind::ip, 0},
  };
  for (const auto& test : cases) {
    Record record = test.record;
    const SplitFrame frame = split(record);
    EXPECT_EQ(frame.kind, test.kind) << test.what;
    EXPECT_EQ(frame.packet.size(), test.packet_bytes) << test.what;
    if (frame.kind == FrameKind::ip) read_nflog_facts(frame.header);
  }
}

}  // namespace
}  // namespace nflua::replay
