// SPDX-License-Identifier: GPL-2.0-or-later
// The pcap format: a file header, then records until the end.
#include <algorithm>

#include "datapath/replay/capture_format.hpp"
#include "datapath/replay/capture_reader.hpp"

namespace nflua::replay {
namespace {

class PcapReader final : public CaptureReader {
 public:
  PcapReader(Input input, ByteOrder order, CaptureFormat format, Blocks blocks, Interface interface)
      : CaptureReader(std::move(input), format, blocks),
        order_(order),
        fraction_ns_(format == CaptureFormat::pcap_nanoseconds ? 1 : 1000) {
    interfaces_.push_back(std::move(interface));
    // One header is no matter of memory.
    if (keeps_blocks()) (void)hand_over({input_.at(), kPcapFileHeaderBytes});
    input_.consume(kPcapFileHeaderBytes);
  }

  const Record* next() override;

 private:
  const Record* end();

  ByteOrder order_;
  /// Nanoseconds per unit of a timestamp's second half.
  int64_t fraction_ns_;
};

const Record* PcapReader::next() {
  if (failure_ || !input_.ensure(kPcapRecordHeaderBytes)) return end();
  const uint8_t* header = input_.at();
  uint32_t captured = order_.u32(header + 8);
  if (captured > kMaxCapturedBytes)
    return damaged(input_.offset(), "a packet of " + std::to_string(captured) +
                                        " bytes, expected at most " +
                                        std::to_string(kMaxCapturedBytes));
  if (!input_.ensure(kPcapRecordHeaderBytes + captured)) return cut_off(input_.offset(), "packet");
  header = input_.at();  // ensure() may have moved it
  record_.timestamp_ns = order_.u32(header) * kNsPerSecond + order_.u32(header + 4) * fraction_ns_;
  record_.original_length = std::max(order_.u32(header + 12), captured);
  ++record_.number;
  record_.as_read = {input_.at(), kPcapRecordHeaderBytes + captured};
  record_.captured = record_.as_read.sub(kPcapRecordHeaderBytes);
  input_.consume(kPcapRecordHeaderBytes + captured);
  return &record_;
}

const Record* PcapReader::end() {
  if (failure_) return nullptr;
  if (input_.failure() || input_.available() > 0) return cut_off(input_.offset(), "record header");
  return nullptr;
}

/// The upper half of the field that holds the link type has a bit that says whether it tells the
/// frame check sequence's length, and that length in words of 16 bits.
uint8_t frame_check_bytes(uint32_t link_type_field) {
  constexpr uint32_t kIsTold = 0x0400'0000;
  constexpr int kLengthShift = 28;
  return link_type_field & kIsTold ? uint8_t(link_type_field >> kLengthShift << 1) : 0;
}

Failure unsupported(const Input& input, const std::string& what) {
  return Failure(input.name() + ": " + what + "; convert it with editcap -F pcapng");
}

}  // namespace

Outcome<std::unique_ptr<CaptureReader>> open_pcap(Input input, Blocks blocks) {
  if (!input.ensure(kPcapFileHeaderBytes)) {
    if (input.failure()) return input.failure();
    return Failure(input.name() + ": cut off in the file header, expected " +
                   std::to_string(kPcapFileHeaderBytes) + " bytes, found " +
                   std::to_string(input.available()) + "; record it again");
  }
  const uint8_t* header = input.at();
  uint32_t magic = ByteOrder().u32(header);
  bool swapped = magic >> 16 != kPcapMicroseconds >> 16;
  ByteOrder order(swapped);
  magic = order.u32(header);
  if (magic == kPcapModified)
    return unsupported(input,
                       "a \"modified\" pcap (magic a1b2cd34), expected plain pcap or pcapng");
  uint16_t major = order.u16(header + 4);
  uint16_t minor = order.u16(header + 6);
  if (major != kPcapMajor || minor != kPcapMinor)
    return unsupported(input, "pcap version " + std::to_string(major) + "." +
                                  std::to_string(minor) + ", expected 2.4");
  Interface interface;
  interface.link_type = LinkType(uint16_t(order.u32(header + 20)));
  interface.snap_length = order.u32(header + 16);
  interface.frame_check_bytes = frame_check_bytes(order.u32(header + 20));
  CaptureFormat format = magic == kPcapNanoseconds ? CaptureFormat::pcap_nanoseconds
                                                   : CaptureFormat::pcap_microseconds;
  return std::unique_ptr<CaptureReader>(
      new PcapReader(std::move(input), order, format, blocks, std::move(interface)));
}

}  // namespace nflua::replay
