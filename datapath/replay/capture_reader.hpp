// SPDX-License-Identifier: GPL-2.0-or-later
// Reads captures: pcap (micro- and nanoseconds) and pcapng, both in either byte order, from files,
// pipes and standard input, in constant memory and without an allocation per packet.
//
//   CaptureReader::open(path) → next() until nullptr → failure(): why, unless the capture ended
// A damaged or cut off capture gives all packets before the damage, then the failure. Lengths in
// the file are bounded before anything is done with them (capture_format.hpp).
// Why not libpcap: docs/decisions/0002-own-capture-reader.md.
#pragma once

#include <stdint.h>

#include <deque>
#include <memory>
#include <string>

#include "datapath/replay/input.hpp"
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
};

struct Record {
  /// Since the epoch. pcapng's simple packets have none: they bear that of the packet before; the
  /// first ones that of the packet behind them, if it is not far.
  int64_t timestamp_ns = 0;
  /// From the link-layer header on; may be empty. Borrows: until the next next(). Writable.
  MutableBytes captured;
  /// As it was on the wire; never less than captured.size().
  uint32_t original_length = 0;
  /// Index into interfaces().
  uint32_t interface_id = 0;
};

enum class CaptureFormat : uint8_t { pcap_microseconds, pcap_nanoseconds, pcapng };

class CaptureReader {
 public:
  /// "-" is standard input. Errors: unreadable, empty, not a capture, a format that isn't
  /// supported.
  static Outcome<std::unique_ptr<CaptureReader>> open(const std::string& path);

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

 protected:
  CaptureReader(Input input, CaptureFormat format) : input_(std::move(input)), format_(format) {}

  /// For `return`: records the failure and ends the reading.
  const Record* damaged(uint64_t offset, const std::string& what);
  const Record* cut_off(uint64_t offset, const char* what);

  Input input_;
  CaptureFormat format_;
  std::deque<Interface> interfaces_;
  Record record_;
  Failure failure_;
};

/// The reader of one format. Requires: what follows in `input` starts with its magic number.
Outcome<std::unique_ptr<CaptureReader>> open_pcap(Input input);
Outcome<std::unique_ptr<CaptureReader>> open_pcapng(Input input);

}  // namespace nflua::replay
