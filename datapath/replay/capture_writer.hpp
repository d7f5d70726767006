// SPDX-License-Identifier: GPL-2.0-or-later
// Writes captures in the format of the one that was read: same link types, interfaces and time
// resolution (pcapng: nanoseconds), in this machine's byte order.
//
//   CaptureWriter::open(path, reader) → write()* → close()
// The first failure is kept and told by close(); destroying without it flushes, but can't tell.
// Timestamps come out in the order in which they are written.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>

#include "datapath/replay/capture_reader.hpp"
#include "engine/bytes.hpp"
#include "support/outcome.hpp"

namespace nflua::replay {

struct OutputRecord {
  int64_t timestamp_ns = 0;
  /// The captured bytes, in two parts. Borrows: during write().
  Bytes link_header = {};
  Bytes ip = {};
  /// On the wire, link header included; what is less than the parts' size counts as that.
  uint32_t original_length = 0;
  uint32_t interface_id = 0;
};

class CaptureWriter {
 public:
  /// "-" is standard output. Borrows: `like`, until destroyed.
  /// Errors: can't be created, is the very file that `like` reads.
  static Outcome<std::unique_ptr<CaptureWriter>> open(const std::string& path,
                                                      const CaptureReader& like);
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  /// False: failure(), and nothing more is written.
  bool write(const OutputRecord& record);
  /// Hands everything to the system. Errors: the first one of any write, as a full disk.
  Failure close();
  const Failure& failure() const { return failure_; }

 private:
  static constexpr size_t kBufferBytes = size_t{1} << 18;

  CaptureWriter(int descriptor, std::string name, const CaptureReader& like);

  void write_file_header();
  void write_interfaces(uint32_t up_to);
  void write_pcap_record(const OutputRecord& record, uint32_t captured, uint32_t original);
  void write_pcapng_record(const OutputRecord& record, uint32_t captured, uint32_t original);
  void put(Bytes bytes);
  void put_u16(uint16_t value) { put({reinterpret_cast<const uint8_t*>(&value), sizeof value}); }
  void put_u32(uint32_t value) { put({reinterpret_cast<const uint8_t*>(&value), sizeof value}); }
  void put_padding(size_t bytes);
  void flush();
  void fail(const std::string& what, const char* remedy);

  int descriptor_;
  std::string name_;
  const CaptureReader& like_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t used_ = 0;
  uint32_t interfaces_written_ = 0;
  Failure failure_;
};

}  // namespace nflua::replay
