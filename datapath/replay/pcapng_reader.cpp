// SPDX-License-Identifier: GPL-2.0-or-later
// The pcapng format: sections of blocks, each block with its length before and behind it.
// Blocks that hold no packet and no interface are skipped, however long they are, unless a sink
// wants them.
#include <algorithm>
#include <vector>

#include "datapath/replay/capture_format.hpp"
#include "datapath/replay/capture_reader.hpp"

namespace nflua::replay {
namespace {

bool is_packet(uint32_t block_type) {
  return block_type == kEnhancedPacketBlock || block_type == kSimplePacketBlock ||
         block_type == kObsoletePacketBlock;
}

/// Bytes in which a packet with a time is looked for, in front of simple ones, which have none.
constexpr size_t kMaxLookAheadBytes = size_t{1} << 16;

MutableBytes whole_block(MutableBytes body) {
  return {body.data() - kBlockHeaderBytes, kBlockHeaderBytes + body.size() + kBlockTrailerBytes};
}

class PcapngReader final : public CaptureReader {
 public:
  PcapngReader(Input input, Blocks blocks)
      : CaptureReader(std::move(input), CaptureFormat::pcapng, blocks) {}

  const Record* next() override;
  /// Reads the section header that the file starts with; failure() tells.
  void start() {
    if (input_.ensure(kBlockHeaderBytes)) return read_section_header();
    cut_off(0, "section header");
  }

 private:
  struct Block {
    uint32_t type;
    uint32_t bytes;  // with header and trailer
  };

  const Record* end();
  void read_section_header();
  void read_interface(MutableBytes block_body);
  void read_options(Bytes options, Interface& interface);
  const Record* packet(uint32_t type, MutableBytes body);
  const Record* record(uint32_t section_interface, MutableBytes body, size_t header_bytes,
                       uint32_t captured, uint32_t original);
  bool has_valid_length(Block block);
  bool read_record(Block block, MutableBytes& body);
  bool read_block(Block block, MutableBytes& body);
  void keep_block(Block block);
  void pass_on(MutableBytes body);
  void skip_block(Block block);
  void fail(const std::string& what) { damaged(block_offset_, what); }

  uint64_t timestamp(const uint8_t* at) const {
    return uint64_t{order_.u32(at)} << 32 | order_.u32(at + 4);
  }

  /// For the simple packets in front of the first packet with a time: makes that their time.
  void borrow_time();
  bool look_for_time(size_t& at, std::vector<TimeScale>& scales);

  ByteOrder order_;
  /// A packet that had a time was read, or looked for in vain.
  bool has_time_ = false;
  /// Where the block that is being read starts in the file.
  uint64_t block_offset_ = 0;
  /// Sections whose header has been read.
  uint32_t sections_ = 0;
  /// Of the section's interface 0 in interfaces().
  size_t first_interface_ = 0;
  std::vector<TimeScale> scales_;  // as interfaces()
};

const Record* PcapngReader::next() {
  while (!failure_ && input_.ensure(kBlockHeaderBytes)) {
    block_offset_ = input_.offset();
    Block block{order_.u32(input_.at()), order_.u32(input_.at() + 4)};
    MutableBytes body;
    if (block.type == kSectionHeaderBlock) {
      read_section_header();
    } else if (block.type == kInterfaceBlock) {
      if (read_record(block, body)) read_interface(body);
    } else if (is_packet(block.type)) {
      if (block.type == kSimplePacketBlock && !has_time_) borrow_time();
      return read_record(block, body) ? packet(block.type, body) : nullptr;
    } else if (has_valid_length(block)) {
      keep_block(block);
    }
  }
  return end();
}

bool PcapngReader::has_valid_length(Block block) {
  if (block.bytes >= kBlockHeaderBytes + kBlockTrailerBytes && block.bytes % 4 == 0) return true;
  fail("a block of " + std::to_string(block.bytes) + " bytes, expected a multiple of 4 from 12 on");
  return false;
}

bool PcapngReader::read_record(Block block, MutableBytes& body) {
  if (!has_valid_length(block)) return false;
  if (block.bytes <= kMaxRecordBytes) return read_block(block, body);
  fail("a packet's block of " + std::to_string(block.bytes) + " bytes, expected at most " +
       std::to_string(kMaxRecordBytes));
  return false;
}

// Requires: has_valid_length().
bool PcapngReader::read_block(Block block, MutableBytes& body) {
  if (!input_.ensure(block.bytes)) {
    cut_off(block_offset_, "block");
    return false;
  }
  size_t body_bytes = block.bytes - kBlockHeaderBytes - kBlockTrailerBytes;
  body = {input_.at() + kBlockHeaderBytes, body_bytes};
  if (order_.u32(body.data() + body_bytes) != block.bytes) {
    fail("a block's two lengths differ");
    return false;
  }
  input_.consume(block.bytes);
  return true;
}

const Record* PcapngReader::end() {
  if (!failure_ && (input_.failure() || input_.available() > 0))
    return cut_off(input_.offset(), "block header");
  return nullptr;
}

// A section header can't be left out: what follows would belong to another section.
void PcapngReader::keep_block(Block block) {
  if (!keeps_blocks()) return skip_block(block);
  const bool is_too_long = block.bytes > kMaxCopiedBlockBytes;
  if (is_too_long && block.type == kSectionHeaderBlock)
    return fail("a section header of " + std::to_string(block.bytes) + " bytes, expected at most " +
                std::to_string(kMaxCopiedBlockBytes) + " to copy it");
  if (is_too_long || block.type == kUncopiedCustomBlock) {
    leave_out();
    return skip_block(block);
  }
  MutableBytes body;
  if (read_block(block, body)) pass_on(body);
}

// `body`: of a block that was read as a whole.
void PcapngReader::pass_on(MutableBytes body) {
  if (!keeps_blocks() || hand_over(whole_block(body))) return;
  fail("more than " + std::to_string(kMaxEarlyBytes >> 20) +
       " MiB of blocks in front of the first packet, which can't be copied");
}

void PcapngReader::skip_block(Block block) {
  if (!input_.skip(block.bytes - kBlockTrailerBytes) || !input_.ensure(kBlockTrailerBytes))
    return void(cut_off(block_offset_, "block"));
  if (order_.u32(input_.at()) != block.bytes) return fail("a block's two lengths differ");
  input_.consume(kBlockTrailerBytes);
}

// Its byte order has to be known before its length is.
void PcapngReader::read_section_header() {
  constexpr size_t kFixedBytes = 24;  // up to the options
  if (!input_.ensure(kFixedBytes)) return void(cut_off(block_offset_, "section header"));
  const uint8_t* start = input_.at();
  uint32_t magic = ByteOrder().u32(start + 8);
  if (magic != kByteOrderMagic && __builtin_bswap32(magic) != kByteOrderMagic)
    return fail("a section header without byte-order magic, expected 1a2b3c4d");
  order_ = ByteOrder(magic != kByteOrderMagic);
  uint32_t bytes = order_.u32(start + 4);
  uint16_t major = order_.u16(start + 12);
  if (major != kPcapngMajor)
    return fail("pcapng version " + std::to_string(major) + ", expected " +
                std::to_string(kPcapngMajor));
  if (bytes < kFixedBytes + kBlockTrailerBytes || bytes % 4 != 0)
    return fail("a section header of " + std::to_string(bytes) +
                " bytes, expected a multiple of 4 from 28 on");
  first_interface_ = interfaces_.size();
  ++sections_;
  keep_block({kSectionHeaderBlock, bytes});
}

void PcapngReader::read_interface(MutableBytes block_body) {
  const Bytes body = block_body;
  constexpr size_t kFixedBytes = 8;
  if (body.size() < kFixedBytes) return fail("an interface block without its fixed fields");
  if (interfaces_.size() == kMaxInterfaces)
    return fail("more than " + std::to_string(kMaxInterfaces) + " interfaces");
  Interface interface;
  interface.link_type = LinkType(order_.u16(body.data()));
  interface.snap_length = order_.u32(body.data() + 4);
  interface.section = sections_ - 1;
  interface.order = order_;
  interface.number = uint32_t(interfaces_.size() - first_interface_);
  read_options(body.sub(kFixedBytes), interface);
  if (interface.name.size() > kMaxInterfaceNameBytes)
    return fail("an interface name of " + std::to_string(interface.name.size()) +
                " bytes, expected at most " + std::to_string(kMaxInterfaceNameBytes));
  scales_.push_back(interface.scale);
  interfaces_.push_back(std::move(interface));
  pass_on(block_body);
}

// An option list that is cut off ends there: what it would have said has a default.
void PcapngReader::read_options(Bytes options, Interface& interface) {
  while (options.has(0, kOptionHeaderBytes)) {
    uint16_t code = order_.u16(options.data());
    size_t length = order_.u16(options.data() + 2);
    if (code == kOptionEnd || !options.has(kOptionHeaderBytes, length)) return;
    Bytes value = options.sub(kOptionHeaderBytes, length);
    if (code == kOptionInterfaceName && length > 0)
      interface.name.assign(value.chars(), strnlen(value.chars(), value.size()));
    if (code == kOptionTimeResolution && length == 1) interface.scale.set_resolution(value[0]);
    if (code == kOptionFrameCheckBytes && length == 1) interface.frame_check_bytes = value[0];
    if (code == kOptionTimeOffset && length == 8)
      interface.scale.offset_s = int64_t(order_.u64(value.data()));
    options = options.sub(kOptionHeaderBytes + padded(length));
  }
}

const Record* PcapngReader::packet(uint32_t type, MutableBytes body) {
  constexpr size_t kHeaderBytes = 20;  // of both blocks that have a time
  constexpr size_t kSimpleHeaderBytes = 4;
  const uint8_t* at = body.data();
  if (type == kSimplePacketBlock) {
    if (body.size() < kSimpleHeaderBytes) return damaged(block_offset_, "a packet without length");
    uint32_t original = order_.u32(at);
    size_t there = body.size() - kSimpleHeaderBytes;  // padding included, which `original` cuts
    uint32_t captured = uint32_t(std::min<size_t>(original, there));
    if (first_interface_ < interfaces_.size() && interfaces_[first_interface_].snap_length != 0)
      captured = std::min(captured, interfaces_[first_interface_].snap_length);
    record_.options = {};
    return record(0, body, kSimpleHeaderBytes, captured, original);
  }
  if (body.size() < kHeaderBytes) return damaged(block_offset_, "a packet without fixed fields");
  uint32_t section_interface =
      type == kEnhancedPacketBlock ? order_.u32(at) : uint32_t{order_.u16(at)};
  const Record* found =
      record(section_interface, body, kHeaderBytes, order_.u32(at + 12), order_.u32(at + 16));
  if (!found) return nullptr;
  record_.timestamp_ns = scales_[record_.interface_id].to_ns(timestamp(at + 4));
  has_time_ = true;
  record_.options = Bytes(body).sub(kHeaderBytes + padded(record_.captured.size()));
  return found;
}

// Looks ahead in the buffer. Nothing that is wrong there is said: it is when its turn comes.
void PcapngReader::borrow_time() {
  has_time_ = true;
  std::vector<TimeScale> scales(scales_.begin() + std::ptrdiff_t(first_interface_), scales_.end());
  size_t at = 0;
  while (at < kMaxLookAheadBytes && look_for_time(at, scales)) {
  }
}

// False: found, or there is none to be found.
bool PcapngReader::look_for_time(size_t& at, std::vector<TimeScale>& scales) {
  constexpr size_t kTimeEndsAt = kBlockHeaderBytes + 12;  // interface, time
  if (!input_.ensure_soon(at + kBlockHeaderBytes)) return false;
  const Block block{order_.u32(input_.at() + at), order_.u32(input_.at() + at + 4)};
  if (block.type == kSectionHeaderBlock || block.bytes % 4 != 0 ||
      block.bytes < kBlockHeaderBytes + kBlockTrailerBytes || block.bytes > kMaxRecordBytes ||
      !input_.ensure_soon(at + block.bytes))
    return false;
  const Bytes bytes(input_.at() + at, block.bytes);
  at += block.bytes;
  if (block.type == kInterfaceBlock && bytes.has(kBlockHeaderBytes, 8)) {
    Interface interface;
    read_options(bytes.sub(kBlockHeaderBytes + 8), interface);
    scales.push_back(interface.scale);
  }
  if (block.type != kEnhancedPacketBlock && block.type != kObsoletePacketBlock) return true;
  if (bytes.size() < kTimeEndsAt) return false;
  const uint8_t* fields = bytes.data() + kBlockHeaderBytes;
  const uint32_t interface =
      block.type == kEnhancedPacketBlock ? order_.u32(fields) : uint32_t{order_.u16(fields)};
  if (interface < scales.size())
    record_.timestamp_ns = scales[interface].to_ns(timestamp(fields + 4));
  return false;
}

const Record* PcapngReader::record(uint32_t section_interface, MutableBytes body,
                                   size_t header_bytes, uint32_t captured, uint32_t original) {
  if (section_interface >= interfaces_.size() - first_interface_)
    return damaged(block_offset_, "a packet of interface " + std::to_string(section_interface) +
                                      ", which the section doesn't describe");
  if (captured > body.size() - header_bytes || captured > kMaxCapturedBytes)
    return damaged(block_offset_, "a packet of " + std::to_string(captured) +
                                      " bytes, more than its block holds or a packet can have");
  ++record_.number;
  record_.as_read = whole_block(body);
  record_.captured = body.sub(header_bytes, captured);
  record_.original_length = std::max(original, captured);
  record_.interface_id = uint32_t(first_interface_) + section_interface;
  return &record_;
}

}  // namespace

Outcome<std::unique_ptr<CaptureReader>> open_pcapng(Input input, Blocks blocks) {
  auto reader = std::make_unique<PcapngReader>(std::move(input), blocks);
  reader->start();
  if (reader->failure()) return reader->failure();
  return std::unique_ptr<CaptureReader>(std::move(reader));
}

}  // namespace nflua::replay
