// SPDX-License-Identifier: GPL-2.0-or-later
// The pcapng format: the input's sections with all their blocks; what is made here are enhanced
// packet blocks, in the byte order of their section and the time scale of their interface.
// A packet that was held beyond the end of its section leaves in a later one, for which its
// interface is described again there: then the section's interfaces have other numbers than in the
// input.
#include <vector>

#include "datapath/replay/capture_writer.hpp"

namespace nflua::replay {
namespace {

constexpr size_t kByteOrderMagicAt = 8;
constexpr size_t kSectionLengthAt = 16;
constexpr uint64_t kUnknownSectionLength = UINT64_MAX;
constexpr size_t kSnapLengthAt = 12;
/// In interface statistics and in both blocks of packets that name their interface.
constexpr size_t kInterfaceNumberAt = 8;
constexpr uint8_t kZeros[8] = {};

class PcapngWriter final : public CaptureWriter {
 public:
  PcapngWriter(OutputFile out, CaptureReader& like) : CaptureWriter(std::move(out), like) {}

  void put_block(MutableBytes block) override;

 private:
  /// An interface of another section, described in this one.
  struct Guest {
    uint32_t id;
    uint32_t number;
  };

  void put_record(const OutputRecord& record, uint32_t captured, uint32_t original) override;
  void put_copy(const Record& record) override;
  void finish() override;

  void start_section(MutableBytes header);
  void finish_section();
  void put_interface(MutableBytes block);
  void put_guest_interface(const Interface& interface);
  uint32_t guest_number(uint32_t interface_id);
  void note_snap_length(uint64_t block_at) { snap_lengths_at_.push_back(block_at + kSnapLengthAt); }
  void renumber(MutableBytes block) const;
  void keep_options(const OutputRecord& record, const Interface& interface, size_t room);
  void put_padding(size_t bytes) { out_.put({kZeros, padded(bytes) - bytes}); }

  uint32_t sections_ = 0;
  // Of the section:
  uint64_t section_at_ = 0;
  uint64_t section_body_at_ = 0;
  uint64_t section_length_ = kUnknownSectionLength;
  bool is_changed_ = false;
  /// The output's numbers of the section's own interfaces.
  std::vector<uint32_t> numbers_;
  std::vector<Guest> guests_;

  /// Of the record copied last, or left out before that.
  uint64_t copied_ = 0;
  uint64_t blocks_left_out_ = 0;
  /// Where interfaces say their snap lengths, and whether a packet is longer.
  std::vector<uint64_t> snap_lengths_at_;
  bool has_longer_ = false;
  std::vector<uint8_t> options_;
};

// ---- What is copied

void PcapngWriter::put_block(MutableBytes block) {
  switch (order_.u32(block.data())) {
    case kSectionHeaderBlock:
      return start_section(block);
    case kInterfaceBlock:
      return put_interface(block);
    case kInterfaceStatisticsBlock:
      renumber(block);
      [[fallthrough]];
    default:
      return out_.put(block);
  }
}

void PcapngWriter::start_section(MutableBytes header) {
  finish_section();
  order_ = ByteOrder(ByteOrder().u32(header.data() + kByteOrderMagicAt) != kByteOrderMagic);
  section_at_ = out_.position();
  section_length_ = order_.u64(header.data() + kSectionLengthAt);
  // It can't be set right later, should it be wrong then.
  if (!out_.can_patch()) order_.put_u64(header.data() + kSectionLengthAt, kUnknownSectionLength);
  out_.put(header);
  ++sections_;
  section_body_at_ = out_.position();
  numbers_.clear();
  guests_.clear();
}

void PcapngWriter::finish_section() {
  is_changed_ |= records_before() != copied_ || blocks_left_out_before() != blocks_left_out_;
  const uint64_t length = out_.position() - section_body_at_;
  if (is_changed_ && out_.can_patch() && section_length_ != kUnknownSectionLength) {
    uint8_t bytes[sizeof length];
    order_.put_u64(bytes, length);
    out_.patch(section_at_ + kSectionLengthAt, {bytes, sizeof bytes});
  }
  is_changed_ = false;
  copied_ = records_before();
  blocks_left_out_ = blocks_left_out_before();
}

void PcapngWriter::put_interface(MutableBytes block) {
  const uint32_t snap_length = order_.u32(block.data() + kSnapLengthAt);
  if (out_.can_patch())
    note_snap_length(out_.position());
  else if (snap_length < kSnapLengthOfDevices)
    order_.put_u32(block.data() + kSnapLengthAt, 0);
  numbers_.push_back(uint32_t(numbers_.size() + guests_.size()));
  out_.put(block);
}

// A simple packet block has no number: it means the first interface, which never is a guest.
void PcapngWriter::renumber(MutableBytes block) const {
  constexpr size_t kMinBytes = kBlockHeaderBytes + sizeof(uint32_t) + kBlockTrailerBytes;
  if (guests_.empty()) return;
  uint8_t* at = block.data() + kInterfaceNumberAt;
  const uint32_t type = order_.u32(block.data());
  const bool is_short = type == kObsoletePacketBlock;
  const bool has_number = is_short || type == kEnhancedPacketBlock ||
                          (type == kInterfaceStatisticsBlock && block.size() >= kMinBytes);
  if (!has_number) return;
  const uint32_t number = is_short ? order_.u16(at) : order_.u32(at);
  if (number >= numbers_.size()) return;
  if (is_short)
    order_.put_u16(at, uint16_t(numbers_[number]));
  else
    order_.put_u32(at, numbers_[number]);
}

void PcapngWriter::put_copy(const Record& record) {
  is_changed_ |= record.number != copied_ + 1;
  copied_ = record.number;
  renumber(record.as_read);
  out_.put(record.as_read);
}

void PcapngWriter::finish() {
  finish_section();
  if (!has_longer_ || !out_.can_patch()) return;
  // All of them: libpcap wants one snap length in all of a capture. Zero: unlimited.
  for (const uint64_t at : snap_lengths_at_) out_.patch(at, {kZeros, sizeof(uint32_t)});
}

// ---- What is made

void PcapngWriter::put_record(const OutputRecord& record, uint32_t captured, uint32_t original) {
  constexpr size_t kFixedBytes = 32;  // header, fields, trailer
  const Interface& interface = like_.interfaces()[record.interface_id];
  const bool is_own = interface.section + 1 == sections_;
  const uint32_t number = is_own ? numbers_[interface.number] : guest_number(record.interface_id);
  const TimeScale scale = is_own ? interface.scale : TimeScale{.multiplier = 1};
  const std::optional<uint64_t> time = scale.to_count(record.timestamp_ns);
  if (!time)
    return out_.fail("a packet's time is none that its interface can say, or before 1970",
                     "shift the input's times (editcap -t) first");
  if (captured > interface.snap_length && interface.snap_length != 0) has_longer_ = true;
  is_changed_ = true;
  const size_t bytes_without = kFixedBytes + padded(captured);
  keep_options(record, interface, kMaxRecordBytes - bytes_without);
  const uint32_t bytes = uint32_t(bytes_without + options_.size());
  put_u32(kEnhancedPacketBlock);
  put_u32(bytes);
  put_u32(number);
  put_u32(uint32_t(*time >> 32));
  put_u32(uint32_t(*time));
  put_u32(captured);
  put_u32(original);
  put_captured(record);
  put_padding(captured);
  out_.put({options_.data(), options_.size()});
  put_u32(bytes);
}

// Leaves in options_ what goes on to hold for the packet, with an end behind it.
void PcapngWriter::keep_options(const OutputRecord& record, const Interface& interface,
                                size_t room) {
  options_.clear();
  Bytes options = record.options;
  if (options.empty()) return;
  // Their numbers would have to be turned round, which takes knowing all of them.
  if (interface.order != order_ || options.size() > room) return leave_out_options();
  bool has_lost = false;
  while (options.has(0, kOptionHeaderBytes)) {
    const uint16_t code = order_.u16(options.data());
    const size_t length = order_.u16(options.data() + 2);
    if (code == kOptionEnd || !options.has(kOptionHeaderBytes, length)) break;
    const size_t bytes = kOptionHeaderBytes + padded(length);
    const bool is_uncopied = code == kOptionUncopiedText || code == kOptionUncopiedBytes;
    has_lost |= is_uncopied;
    if (!is_uncopied && !(code == kOptionHash && record.is_changed) && options.has(0, bytes))
      options_.insert(options_.end(), options.begin(), options.begin() + bytes);
    options = options.sub(bytes);
  }
  if (has_lost) leave_out_options();
  if (!options_.empty()) options_.insert(options_.end(), kZeros, kZeros + kOptionHeaderBytes);
}

uint32_t PcapngWriter::guest_number(uint32_t interface_id) {
  for (const Guest& guest : guests_)
    if (guest.id == interface_id) return guest.number;
  guests_.push_back({interface_id, uint32_t(numbers_.size() + guests_.size())});
  put_guest_interface(like_.interfaces()[interface_id]);
  return guests_.back().number;
}

// In nanoseconds, which say any time scale's times.
void PcapngWriter::put_guest_interface(const Interface& interface) {
  constexpr size_t kFixedBytes = 20;  // header, fields, trailer
  const size_t name_bytes = interface.name.size();
  const size_t bytes = kFixedBytes + 4 * kOptionHeaderBytes + padded(name_bytes) + 2 * padded(1);
  note_snap_length(out_.position());
  put_u32(kInterfaceBlock);
  put_u32(uint32_t(bytes));
  put_u16(uint16_t(interface.link_type));
  put_u16(0);
  put_u32(out_.can_patch() ? interface.snap_length : 0);
  put_u16(kOptionInterfaceName);
  put_u16(uint16_t(name_bytes));
  out_.put({interface.name.data(), name_bytes});
  put_padding(name_bytes);
  const auto put_byte_option = [this](uint16_t code, uint8_t value) {
    put_u16(code);
    put_u16(1);
    out_.put({&value, 1});
    put_padding(1);
  };
  put_byte_option(kOptionTimeResolution, kNanosecondResolution);
  put_byte_option(kOptionFrameCheckBytes, interface.frame_check_bytes);
  put_u32(kOptionEnd);
  put_u32(uint32_t(bytes));
}

}  // namespace

std::unique_ptr<CaptureWriter> make_pcapng_writer(OutputFile out, CaptureReader& like) {
  return std::make_unique<PcapngWriter>(std::move(out), like);
}

}  // namespace nflua::replay
