// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/capture_writer.hpp"

#include <algorithm>

namespace nflua::replay {

Outcome<std::unique_ptr<CaptureWriter>> CaptureWriter::open(const std::string& path,
                                                            CaptureReader& like) {
  Outcome<OutputFile> out = OutputFile::open(path, like.input());
  if (!out) return out.failure();
  std::unique_ptr<CaptureWriter> writer = like.format() == CaptureFormat::pcapng
                                              ? make_pcapng_writer(std::move(*out), like)
                                              : make_pcap_writer(std::move(*out), like);
  like.send_blocks_to(writer.get());
  writer->is_early_ = false;
  return writer;
}

CaptureWriter::~CaptureWriter() { like_.send_blocks_to(nullptr); }

Failure CaptureWriter::close() {
  if (is_open_) finish();
  is_open_ = false;
  return out_.close();
}

bool CaptureWriter::write(const OutputRecord& record) {
  const size_t captured = record.captured();
  if (captured > kMaxCapturedBytes)
    out_.fail("a packet of " + std::to_string(captured) + " bytes is more than a capture can hold",
              "leave it out of the input (editcap) first");
  if (failure()) return false;
  put_record(record, uint32_t(captured), std::max(record.original_length, uint32_t(captured)));
  return !failure();
}

bool CaptureWriter::copy(const Record& record) {
  if (!failure()) put_copy(record);
  return !failure();
}

void CaptureWriter::put_u16(uint16_t value) {
  uint8_t bytes[sizeof value];
  order_.put_u16(bytes, value);
  out_.put({bytes, sizeof bytes});
}

void CaptureWriter::put_u32(uint32_t value) {
  uint8_t bytes[sizeof value];
  order_.put_u32(bytes, value);
  out_.put({bytes, sizeof bytes});
}

void CaptureWriter::put_captured(const OutputRecord& record) {
  out_.put(record.link_header);
  out_.put(record.ip);
  out_.put(record.trailer);
}

}  // namespace nflua::replay
