// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/capture_reader.hpp"

#include <stdio.h>

#include "datapath/replay/capture_format.hpp"

namespace nflua::replay {
namespace {

constexpr size_t kMagicBytes = 4;

/// What we don't decompress.
struct ForeignCompression {
  uint8_t magic[kMagicBytes];
  size_t magic_bytes;
  const char* name;
  const char* remedy;
};

constexpr ForeignCompression kCompressions[] = {
    {{0xfd, '7', 'z', 'X'}, 4, "xz", "unxz"},
    {{'B', 'Z', 'h'}, 3, "bzip2", "bunzip2"},
    {{0x02, 0x21, 0x4c, 0x18}, 4, "lz4 in its old format", "unlz4"},
    {{0x1f, 0x8b}, 2, "gzip inside the compressed file", "gunzip"},
    {{0x28, 0xb5, 0x2f, 0xfd}, 4, "zstd inside the compressed file", "unzstd"},
};

/// Why this is no capture: by its first bytes, of which at least one is there.
Failure not_a_capture(const std::string& name, Bytes start) {
  for (const ForeignCompression& known : kCompressions)
    if (start.first(known.magic_bytes) == Bytes(known.magic, known.magic_bytes))
      return Failure(
          name + ": compressed (" + known.name +
          "), expected a pcap or pcapng file, plain or compressed by gzip, zstd or lz4; " +
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
  bool has_magic = input->ensure(kMagicBytes);
  if (const auto compression = find_compression({input->at(), input->available()})) {
    input->decompress(*compression);
    has_magic = input->ensure(kMagicBytes);
  }
  if (!has_magic) {
    if (input->failure()) return input->failure();
    if (input->available() == 0)
      return Failure(input->name() + (input->is_compressed() ? ": nothing compressed" : ": empty") +
                     ", expected a pcap or pcapng file; did the recording program end?");
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
  early_bytes_ += sizeof(std::vector<uint8_t>) + block.size();
  if (early_bytes_ > kMaxEarlyBytes) return false;
  early_.emplace_back(block.data(), block.data() + block.size());
  return true;
}

std::string CaptureReader::place(uint64_t offset) const {
  return "byte " + std::to_string(offset) +
         (input_.is_compressed() ? " of what it unpacks to" : "");
}

const Record* CaptureReader::damaged(uint64_t offset, const std::string& what) {
  failure_ = Failure(input_.name() + ": damaged at " + place(offset) + ": " + what +
                     "; the packets before it were read, the rest is lost");
  return nullptr;
}

const Record* CaptureReader::cut_off(uint64_t offset, const char* what) {
  failure_ = input_.failure();
  if (failure_) return nullptr;
  failure_ =
      Failure(input_.name() + ": cut off in the middle of the " + what + " at " + place(offset) +
              "; the packets before it were read; was the recording program killed?");
  return nullptr;
}

}  // namespace nflua::replay
