// SPDX-License-Identifier: GPL-2.0-or-later
// The pcap format, as the input's file header says it.
#include <limits>

#include "datapath/replay/capture_writer.hpp"

namespace nflua::replay {
namespace {

constexpr size_t kSnapLengthAt = 16;

class PcapWriter final : public CaptureWriter {
 public:
  PcapWriter(OutputFile out, CaptureReader& like) : CaptureWriter(std::move(out), like) {}

  void put_block(MutableBytes header) override;

 private:
  void put_record(const OutputRecord& record, uint32_t captured, uint32_t original) override;
  void put_copy(const Record& record) override { out_.put(record.as_read); }
  void finish() override;

  uint32_t snap_length() const { return like_.interfaces()[0].snap_length; }

  bool has_longer_ = false;
};

void PcapWriter::put_block(MutableBytes header) {
  const uint32_t magic = ByteOrder().u32(header.data());
  order_ = ByteOrder(magic >> 16 != kPcapMicroseconds >> 16);
  if (out_.can_patch() || snap_length() == 0 || snap_length() >= kSnapLengthOfDevices)
    return out_.put(header);
  out_.put(Bytes(header).first(kSnapLengthAt));
  put_u32(kMaxCapturedBytes);
  out_.put(Bytes(header).sub(kSnapLengthAt + sizeof(uint32_t)));
}

void PcapWriter::put_record(const OutputRecord& record, uint32_t captured, uint32_t original) {
  const int64_t seconds = record.timestamp_ns / kNsPerSecond;
  uint32_t fraction = uint32_t(record.timestamp_ns % kNsPerSecond);
  if (record.timestamp_ns < 0 || seconds > std::numeric_limits<uint32_t>::max())
    return out_.fail(
        "a packet's time lies before 1970 or beyond 2106, which pcap can't say",
        "convert the input to pcapng (editcap), or shift its times (editcap -t), first");
  if (like_.format() == CaptureFormat::pcap_microseconds) fraction /= 1000;
  if (captured > snap_length() && snap_length() != 0) has_longer_ = true;
  put_u32(uint32_t(seconds));
  put_u32(fraction);
  put_u32(captured);
  put_u32(original);
  put_captured(record);
}

void PcapWriter::finish() {
  if (!has_longer_ || !out_.can_patch()) return;
  uint8_t bytes[sizeof kMaxCapturedBytes];
  order_.put_u32(bytes, kMaxCapturedBytes);
  out_.patch(kSnapLengthAt, {bytes, sizeof bytes});
}

}  // namespace

std::unique_ptr<CaptureWriter> make_pcap_writer(OutputFile out, CaptureReader& like) {
  return std::make_unique<PcapWriter>(std::move(out), like);
}

}  // namespace nflua::replay
