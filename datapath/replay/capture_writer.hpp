// SPDX-License-Identifier: GPL-2.0-or-later
// Writes captures in the format of the one that was read, in its byte order. What leaves as it came
// is copied, and so is what lies between the packets: where nothing was changed, the output is the
// input.
//
//   CaptureWriter::open(path, reader) → write()* → close()
// The first failure is kept and told by close(); destroying without it flushes, but can't tell.
// Records come out in the order in which they are written, each with its own time.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <vector>

#include "datapath/replay/capture_format.hpp"
#include "datapath/replay/capture_reader.hpp"
#include "datapath/replay/output_file.hpp"
#include "engine/bytes.hpp"
#include "support/outcome.hpp"

namespace nflua::replay {

/// A record that is not, or no longer, one of the capture's. Borrows: all, during write().
struct OutputRecord {
  int64_t timestamp_ns = 0;
  /// The captured bytes, in three parts.
  Bytes link_header = {};
  Bytes ip = {};
  Bytes trailer = {};
  /// On the wire, link header included; what is less than the parts' size counts as that.
  uint32_t original_length = 0;
  uint32_t interface_id = 0;
  /// pcapng: as they were read with the packet that this one was.
  Bytes options = {};
  /// Whether the captured bytes are others than those that the options speak of.
  bool is_changed = false;

  size_t captured() const { return link_header.size() + ip.size() + trailer.size(); }
};

class CaptureWriter : public BlockSink {
 public:
  /// "-" is standard output. Borrows: `like`, until destroyed.
  /// Errors: can't be created, is the very file that `like` reads.
  /// Requires: `like` was opened with Blocks::keep.
  static Outcome<std::unique_ptr<CaptureWriter>> open(const std::string& path, CaptureReader& like);
  virtual ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  // False: failure(), and nothing more is written.
  bool write(const OutputRecord& record);
  /// The record that the reader has just given, as it is.
  bool copy(const Record& record);
  /// Hands everything to the system, for whoever reads while we write.
  void flush() { out_.flush(); }
  /// Errors: the first one of any write, as a full disk.
  Failure close();
  const Failure& failure() const { return out_.failure(); }
  /// Packets that lost options: marked as not to be copied, or not to be kept in another section.
  uint64_t options_left_out() const { return options_left_out_; }

 protected:
  CaptureWriter(OutputFile out, CaptureReader& like) : out_(std::move(out)), like_(like) {}

  virtual void put_record(const OutputRecord& record, uint32_t captured, uint32_t original) = 0;
  virtual void put_copy(const Record& record) = 0;
  /// Sets right what was put before it could be known.
  virtual void finish() = 0;

  void put_u16(uint16_t value);
  void put_u32(uint32_t value);
  void put_captured(const OutputRecord& record);
  void leave_out_options() { ++options_left_out_; }
  /// Records and left out blocks in front of what is being put: those that the reader gave, unless
  /// it hands over what it read before there was an output.
  uint64_t records_before() const { return is_early_ ? 0 : like_.records(); }
  uint64_t blocks_left_out_before() const { return is_early_ ? 0 : like_.blocks_left_out(); }

  OutputFile out_;
  CaptureReader& like_;
  /// Of what was read and is written.
  ByteOrder order_;

 private:
  bool is_early_ = true;
  bool is_open_ = true;
  uint64_t options_left_out_ = 0;
};

/// What a reader that obeys the snap length would cut: libpcap does. A pipe's can't be raised when
/// such a packet comes, so that one that is less than what devices can deliver is raised at once.
inline constexpr uint32_t kSnapLengthOfDevices = 65'535;

/// The writer of one format.
std::unique_ptr<CaptureWriter> make_pcap_writer(OutputFile out, CaptureReader& like);
std::unique_ptr<CaptureWriter> make_pcapng_writer(OutputFile out, CaptureReader& like);

}  // namespace nflua::replay
