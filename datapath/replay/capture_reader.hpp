// SPDX-License-Identifier: GPL-2.0-or-later
// Reads captures: pcap (micro- and nanoseconds) and pcapng, both in either byte order, from files,
// pipes and standard input, compressed ones too, in constant memory and without an allocation per
// packet.
//
//   CaptureReader::open(path) → next() until nullptr → failure(): why, unless the capture ended
// A damaged or cut off capture gives all packets before the damage, then the failure. Lengths in
// the file are bounded before anything is done with them (capture_format.hpp). For a copy of the
// capture, a BlockSink gets what lies between the packets.
// Why not libpcap: docs/decisions/0002-own-capture-reader.md.
#pragma once

#include <stdint.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "datapath/replay/capture_format.hpp"
#include "datapath/replay/input.hpp"
#include "datapath/replay/time_scale.hpp"
#include "engine/bytes.hpp"
#include "support/outcome.hpp"

namespace nflua::replay {

/// The LINKTYPE_ registry's number, which interprets a packet's first bytes (link.hpp).
enum class LinkType : uint16_t {};

struct Interface {
  LinkType link_type{};
  /// Bytes of a packet that were captured at most. 0: unlimited.
  uint32_t snap_length = 0;
  /// Of the device; empty where the capture doesn't say.
  std::string name;
  /// Bytes of the frame check sequence at each frame's end.
  uint8_t frame_check_bytes = 0;
  // pcapng only: the section that describes it, counted from 0, that one's byte order, and its
  // number there.
  uint32_t section = 0;
  ByteOrder order;
  uint32_t number = 0;
  TimeScale scale;
};

struct Record {
  /// Counts the capture's records from 1.
  uint64_t number = 0;
  /// Since the epoch. pcapng's simple packets have none: they bear that of the packet before; the
  /// first ones that of the packet behind them, if it is not far.
  int64_t timestamp_ns = 0;
  /// From the link-layer header on; may be empty. Borrows: until the next next(). Writable.
  MutableBytes captured;
  /// As it was on the wire; never less than captured.size().
  uint32_t original_length = 0;
  /// Index into interfaces().
  uint32_t interface_id = 0;
  /// The record as it is in the file, around `captured`: pcap's with its header, pcapng's block.
  MutableBytes as_read;
  /// Of pcapng: the packet's options. Borrows: as `captured`.
  Bytes options;
};

enum class CaptureFormat : uint8_t { pcap_microseconds, pcap_nanoseconds, pcapng };

/// Takes what a capture holds beside its packets, in the file's order between them.
class BlockSink {
 public:
  /// pcap: the file header, once. pcapng: a block, whole and valid.
  virtual void put_block(MutableBytes block) = 0;

 protected:
  ~BlockSink() = default;
};

enum class Blocks : uint8_t {
  skip,
  keep,  ///< for a BlockSink
};

class CaptureReader {
 public:
  /// "-" is standard input. Errors: unreadable, empty, not a capture, a format that isn't
  /// supported.
  static Outcome<std::unique_ptr<CaptureReader>> open(const std::string& path,
                                                      Blocks blocks = Blocks::skip);

  virtual ~CaptureReader() = default;
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  /// nullptr: the end, or failure(). Borrows: until the next call.
  virtual const Record* next() = 0;

  /// Why next() ended before the capture's end: unreadable, cut off, damaged. Names the offset.
  const Failure& failure() const { return failure_; }
  CaptureFormat format() const { return format_; }
  /// Grows while reading (pcapng); references to elements stay valid, numbers are the sections'
  /// ones counted on.
  const std::deque<Interface>& interfaces() const { return interfaces_; }
  const Input& input() const { return input_; }
  /// Given so far.
  uint64_t records() const { return record_.number; }

  /// Called before each wait for more of a capture that grows: what has been made of it so far
  /// should be seen.
  void on_pause(std::function<void()> pause) { input_.on_pause(std::move(pause)); }

  /// The blocks that were read so far go there at once, all others when they are read.
  /// Borrows: `sink`, until another one or nullptr takes its place.
  /// Requires: opened with Blocks::keep.
  void send_blocks_to(BlockSink* sink);
  /// Blocks that no sink gets, or ever got: too long, or marked as not to be copied.
  uint64_t blocks_left_out() const { return blocks_left_out_; }

 protected:
  CaptureReader(Input input, CaptureFormat format, Blocks blocks)
      : input_(std::move(input)), format_(format), keeps_blocks_(blocks == Blocks::keep) {}

  bool keeps_blocks() const { return keeps_blocks_; }
  /// False: those in front of the first packet take too much memory.
  bool hand_over(MutableBytes block);
  void leave_out() { ++blocks_left_out_; }
  /// For `return`: records the failure and ends the reading.
  const Record* damaged(uint64_t offset, const std::string& what);
  const Record* cut_off(uint64_t offset, const char* what);
  std::string place(uint64_t offset) const;

  Input input_;
  CaptureFormat format_;
  std::deque<Interface> interfaces_;
  Record record_;
  Failure failure_;

 private:
  bool keeps_blocks_;
  BlockSink* sink_ = nullptr;
  /// Until there is a sink.
  std::deque<std::vector<uint8_t>> early_;
  size_t early_bytes_ = 0;
  uint64_t blocks_left_out_ = 0;
};

/// The reader of one format. Requires: what follows in `input` starts with its magic number.
Outcome<std::unique_ptr<CaptureReader>> open_pcap(Input input, Blocks blocks);
Outcome<std::unique_ptr<CaptureReader>> open_pcapng(Input input, Blocks blocks);

}  // namespace nflua::replay
