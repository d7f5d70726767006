// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/capture_reader.hpp"

#include <stdio.h>

#include "datapath/replay/capture_format.hpp"

namespace nflua::replay {
namespace {

constexpr size_t kMagicBytes = 4;

struct Compression {
  uint8_t magic[kMagicBytes];
  size_t magic_bytes;
  const char* name;
  const char* remedy;
};

constexpr Compression kCompressions[] = {
    {{0x1f, 0x8b}, 2, "gzip", "gunzip"},           {{0x28, 0xb5, 0x2f, 0xfd}, 4, "zstd", "unzstd"},
    {{0xfd, '7', 'z', 'X'}, 4, "xz", "unxz"},      {{'B', 'Z', 'h'}, 3, "bzip2", "bunzip2"},
    {{0x04, 0x22, 0x4d, 0x18}, 4, "lz4", "unlz4"},
};

/// Why this is no capture: by its first bytes, of which at least one is there.
Failure not_a_capture(const std::string& name, Bytes start) {
  for (const Compression& known : kCompressions)
    if (start.first(known.magic_bytes) == Bytes(known.magic, known.magic_bytes))
      return Failure(name + ": compressed (" + known.name + "), expected a pcap or pcapng file; " +
                     known.remedy + " it first");
  std::string found;
  for (uint8_t byte : start.first(kMagicBytes)) {
    char hex[8];
    snprintf(hex, sizeof hex, " %02x", byte);
    found += hex;
  }
  return Failure(name + ": not a capture: starts with bytes" + found +
                 ", expected those of pcap or pcapng; record one with tcpdump -w, or convert it " +
                 "with editcap");
}

bool is_pcap(uint32_t magic) {
  return magic == kPcapMicroseconds || magic == kPcapNanoseconds || magic == kPcapModified;
}

}  // namespace

Outcome<std::unique_ptr<CaptureReader>> CaptureReader::open(const std::string& path,
                                                            Blocks blocks) {
  Outcome<Input> input = Input::open(path);
  if (!input) return input.failure();
  if (!input->ensure(kMagicBytes)) {
    if (input->failure()) return input->failure();
    if (input->available() == 0)
      return Failure(input->name() +
                     ": empty, expected a pcap or pcapng file; did the recording program end?");
    return not_a_capture(input->name(), {input->at(), input->available()});
  }
  uint32_t magic = ByteOrder().u32(input->at());
  if (magic == kSectionHeaderBlock) return open_pcapng(std::move(*input), blocks);
  if (is_pcap(magic) || is_pcap(__builtin_bswap32(magic)))
    return open_pcap(std::move(*input), blocks);
  return not_a_capture(input->name(), {input->at(), kMagicBytes});
}

void CaptureReader::send_blocks_to(BlockSink* sink) {
  sink_ = sink;
  if (!sink_) return;
  for (std::vector<uint8_t>& block : early_) sink_->put_block({block.data(), block.size()});
  early_.clear();
}

bool CaptureReader::hand_over(MutableBytes block) {
  if (sink_) {
    sink_->put_block(block);
    return true;
  }
  early_bytes_ += sizeof early_[0] + block.size();
  if (early_bytes_ > kMaxEarlyBytes) return false;
  early_.emplace_back(block.data(), block.data() + block.size());
  return true;
}

const Record* CaptureReader::damaged(uint64_t offset, const std::string& what) {
  failure_ = Failure(input_.name() + ": damaged at byte " + std::to_string(offset) + ": " + what +
                     "; the packets before it were read, the rest is lost");
  return nullptr;
}

const Record* CaptureReader::cut_off(uint64_t offset, const char* what) {
  failure_ = input_.failure();
  if (failure_) return nullptr;
  failure_ = Failure(input_.name() + ": cut off in the middle of the " + what + " at byte " +
                     std::to_string(offset) +
                     "; the packets before it were read; was the recording program killed?");
  return nullptr;
}

}  // namespace nflua::replay
