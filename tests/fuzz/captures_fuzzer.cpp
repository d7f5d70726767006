// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a capture: read, split into headers, put together, tracked, written, read again.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "datapath/replay/capture_reader.hpp"
#include "datapath/replay/capture_writer.hpp"
#include "datapath/replay/conntrack.hpp"
#include "datapath/replay/defrag.hpp"
#include "datapath/replay/link.hpp"
#include "datapath/replay/nflog.hpp"
#include "engine/wire.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace nflua::fuzz {
namespace {

using replay::CaptureReader;
using replay::CaptureWriter;
using replay::Record;

/// A file without a disk, which is opened by a path.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("capture", MFD_CLOEXEC)) {
    require(descriptor_ >= 0, "memfd_create");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }

  void write(Bytes content) {
    require(::write(descriptor_, content.data(), content.size()) == ssize_t(content.size()),
            "the whole input is written");
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  bool holds(Bytes content) const {
    std::vector<uint8_t> there(content.size() + 1);
    const ssize_t size = pread(descriptor_, there.data(), there.size(), 0);
    return size >= 0 && Bytes(there.data(), size_t(size)) == content;
  }

 private:
  int descriptor_;
};

/// What must survive being written and read.
struct Kept {
  std::vector<uint8_t> bytes;
  uint32_t original_length;
  friend bool operator==(const Kept&, const Kept&) = default;
};

/// Few, so that an input can fill the table.
constexpr uint32_t kConnections = 8;

/// What a replay keeps from packet to packet.
class Followed {
 public:
  void add(Bytes packet, int64_t time_ns) {
    now_ns_ = std::max(now_ns_, time_ns);
    switch (defrag_.add(packet, now_ns_)) {
      case replay::DefragEffect::not_a_fragment:
        return track(packet);
      case replay::DefragEffect::complete:
        require_whole(defrag_.packet());
        return track(defrag_.packet());
      default:
        return;
    }
  }

 private:
  static void require_whole(Bytes packet) {
    const Result<IpHeader> ip = parse_ip(packet);
    require(ip && !ip->is_fragment(), "what was put together is whole");
    require(ip->packet_bytes == packet.size(), "what was put together says its length");
  }

  void track(Bytes packet) {
    const replay::ConnHandle handle = conntrack_.look_up(packet, now_ns_);
    require(conntrack_.size() <= kConnections, "connections are bounded");
    // As a script would decide, by something that the input says.
    const bool passes = packet.empty() || packet[packet.size() - 1] % 4 != 0;
    if (passes)
      conntrack_.confirm(handle, now_ns_);
    else
      conntrack_.forget(handle);
    conntrack_.sender_mss(handle);
    const Result<Tuple> tuple = parse_tuple(packet);
    if (tuple) conntrack_.find(*tuple, now_ns_);
  }

  replay::Defrag defrag_;
  replay::Conntrack conntrack_{kConnections};
  int64_t now_ns_ = 0;
};

void split(const CaptureReader& reader, const Record& record, Followed& followed) {
  const replay::LinkType type = reader.interfaces()[record.interface_id].link_type;
  const replay::SplitFrame parts = replay::split_frame(type, record.captured);
  require(
      parts.header.size() + parts.packet.size() + parts.trailer.size() == record.captured.size(),
      "header, packet and trailer are the frame");
  require(replay::reads_link_type(type) == (parts.kind != replay::FrameKind::unknown),
          "a link type is known whatever the frame");
  const replay::LengthField& length = parts.length;
  require(length.at == 0 ||
              (length.at + 2 <= parts.header.size() && length.counts_from <= parts.header.size()),
          "a length lies in the header");
  if (type == replay::kNflog) replay::read_nflog_facts(parts.header);
  if (parts.kind == replay::FrameKind::ip)
    followed.add(ip_packet(parts.packet), record.timestamp_ns);
}

std::vector<Kept> copy_records(CaptureReader& reader, CaptureWriter* writer) {
  std::vector<Kept> kept;
  Followed followed;
  while (const Record* record = reader.next()) {
    require(record->interface_id < reader.interfaces().size(), "a record's interface is known");
    require(record->original_length >= record->captured.size(), "no more than there was");
    split(reader, *record, followed);
    kept.push_back({{record->captured.data(), record->captured.data() + record->captured.size()},
                    record->original_length});
    if (!writer) continue;
    if (record->number % 2 == 0) {
      writer->copy(*record);
      continue;
    }
    const Bytes captured = record->captured;
    const size_t header = std::min<size_t>(captured.size(), 14);
    writer->write({.timestamp_ns = record->timestamp_ns,
                   .link_header = captured.first(header),
                   .ip = captured.sub(header),
                   .original_length = record->original_length,
                   .interface_id = record->interface_id,
                   .options = record->options,
                   .is_changed = true});
  }
  return kept;
}

void require_same_copy(const MemoryFile& input, Bytes content) {
  const auto reader = std::move(*CaptureReader::open(input.path(), replay::Blocks::keep));
  const MemoryFile output;
  const auto writer = std::move(*CaptureWriter::open(output.path(), *reader));
  while (const Record* record = reader->next()) writer->copy(*record);
  require(!writer->close(), "a copy can always be written");
  const bool is_whole = !reader->failure() && reader->blocks_left_out() == 0;
  if (is_whole && !reader->input().is_compressed())
    require(output.holds(content), "a copy is the same");
}

}  // namespace
}  // namespace nflua::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nflua;
  using namespace nflua::fuzz;
  MemoryFile input;
  input.write({data, size});
  auto reader = replay::CaptureReader::open(input.path(), replay::Blocks::keep);
  if (!reader) return 0;
  require_same_copy(input, {data, size});
  MemoryFile output;
  auto writer = replay::CaptureWriter::open(output.path(), **reader);
  require(bool(writer), "the output opens");
  const std::vector<Kept> read = copy_records(**reader, &**writer);
  if ((*writer)->close()) return 0;  // a time that the format can't say, for one

  auto again = replay::CaptureReader::open(output.path());
  if (!again) {
    // Nothing was written, for lack of a packet.
    require(read.empty(), "what was written is a capture");
    return 0;
  }
  require(copy_records(**again, nullptr) == read, "what is read again is what was written");
  require(!(*again)->failure(), "what was written is no damaged capture");
  return 0;
}
