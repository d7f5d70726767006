// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/capture_writer.hpp"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "datapath/replay/capture_format.hpp"

namespace nflua::replay {
namespace {

constexpr mode_t kFileMode = 0666;  // less the umask
constexpr size_t kOptionHeaderBytes = 4;
constexpr const char* kOtherPlace = "free some space or write elsewhere";

Failure cannot_create(const std::string& path) {
  return Failure(path + ": cannot create the output: " + strerror(errno) +
                 "; expected a file in a directory that you may write");
}

// Not by O_TRUNC: that would have destroyed the input before we know that it is the same file.
Failure empty_file(int descriptor, const std::string& path, const CaptureReader& like) {
  if (like.input().is_same_file(descriptor))
    return Failure(path + ": is the capture that is being read; write to another file");
  // EINVAL: devices and pipes have no length to truncate.
  if (ftruncate(descriptor, 0) != 0 && errno != EINVAL) return cannot_create(path);
  return {};
}

}  // namespace

Outcome<std::unique_ptr<CaptureWriter>> CaptureWriter::open(const std::string& path,
                                                            const CaptureReader& like) {
  if (path == "-")
    return std::unique_ptr<CaptureWriter>(
        new CaptureWriter(STDOUT_FILENO, "standard output", like));
  int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode);
  if (descriptor < 0) return cannot_create(path);
  if (Failure failure = empty_file(descriptor, path, like)) {
    ::close(descriptor);
    return failure;
  }
  return std::unique_ptr<CaptureWriter>(new CaptureWriter(descriptor, path, like));
}

CaptureWriter::CaptureWriter(int descriptor, std::string name, const CaptureReader& like)
    : descriptor_(descriptor),
      name_(std::move(name)),
      like_(like),
      buffer_(new uint8_t[kBufferBytes]) {
  write_file_header();
}

CaptureWriter::~CaptureWriter() { static_cast<void>(close()); }

Failure CaptureWriter::close() {
  if (descriptor_ < 0) return failure_;
  // What was announced but met no packet is still part of the capture.
  if (like_.format() == CaptureFormat::pcapng)
    write_interfaces(uint32_t(like_.interfaces().size()));
  flush();
  if (descriptor_ > STDERR_FILENO && ::close(descriptor_) != 0) fail(strerror(errno), kOtherPlace);
  descriptor_ = -1;
  return failure_;
}

bool CaptureWriter::write(const OutputRecord& record) {
  size_t captured = record.link_header.size() + record.ip.size();
  if (captured > kMaxCapturedBytes)
    fail("a packet of " + std::to_string(captured) + " bytes is more than a capture can hold",
         "leave it out of the input (editcap) first");
  if (record.timestamp_ns < 0)
    fail("a packet's time lies before 1970", "shift its times (editcap -t) first");
  if (failure_) return false;
  uint32_t original = std::max(record.original_length, uint32_t(captured));
  if (like_.format() == CaptureFormat::pcapng)
    write_pcapng_record(record, uint32_t(captured), original);
  else
    write_pcap_record(record, uint32_t(captured), original);
  return !failure_;
}

void CaptureWriter::write_file_header() {
  if (like_.format() == CaptureFormat::pcapng) {
    constexpr uint32_t kBytes = 28;
    put_u32(kSectionHeaderBlock);
    put_u32(kBytes);
    put_u32(kByteOrderMagic);
    put_u16(kPcapngMajor);
    put_u16(0);
    put_u32(UINT32_MAX);  // the section's length, 64 bits: unknown
    put_u32(UINT32_MAX);
    put_u32(kBytes);
    return;
  }
  put_u32(like_.format() == CaptureFormat::pcap_nanoseconds ? kPcapNanoseconds : kPcapMicroseconds);
  put_u16(kPcapMajor);
  put_u16(kPcapMinor);
  put_u32(0);  // time zone
  put_u32(0);  // accuracy
  // Not the input's: libpcap cuts packets to it, and a rewritten one may be longer.
  put_u32(kMaxCapturedBytes);
  put_u32(uint32_t(like_.interfaces()[0].link_type));
}

void CaptureWriter::write_pcap_record(const OutputRecord& record, uint32_t captured,
                                      uint32_t original) {
  int64_t seconds = record.timestamp_ns / kNsPerSecond;
  uint32_t fraction = uint32_t(record.timestamp_ns % kNsPerSecond);
  if (seconds > std::numeric_limits<uint32_t>::max())
    return fail("a packet's time lies beyond 2106, which pcap can't say",
                "convert the input to pcapng (editcap) first");
  if (like_.format() == CaptureFormat::pcap_microseconds) fraction /= 1000;
  put_u32(uint32_t(seconds));
  put_u32(fraction);
  put_u32(captured);
  put_u32(original);
  put(record.link_header);
  put(record.ip);
}

void CaptureWriter::write_pcapng_record(const OutputRecord& record, uint32_t captured,
                                        uint32_t original) {
  constexpr size_t kFixedBytes = 32;  // header, fields, trailer
  write_interfaces(record.interface_id + 1);
  uint32_t bytes = uint32_t(kFixedBytes + padded(captured));
  put_u32(kEnhancedPacketBlock);
  put_u32(bytes);
  put_u32(record.interface_id);
  uint64_t timestamp = uint64_t(record.timestamp_ns);
  put_u32(uint32_t(timestamp >> 32));
  put_u32(uint32_t(timestamp));
  put_u32(captured);
  put_u32(original);
  put(record.link_header);
  put(record.ip);
  put_padding(captured);
  put_u32(bytes);
}

// The input may describe an interface at any place before its first packet.
void CaptureWriter::write_interfaces(uint32_t up_to) {
  constexpr size_t kFixedBytes = 20;  // header, fields, trailer
  for (; interfaces_written_ < up_to; ++interfaces_written_) {
    const Interface& interface = like_.interfaces()[interfaces_written_];
    size_t name_bytes = interface.name.size();
    size_t bytes = kFixedBytes + 3 * kOptionHeaderBytes + padded(name_bytes) + padded(1);
    put_u32(kInterfaceBlock);
    put_u32(uint32_t(bytes));
    put_u16(uint16_t(interface.link_type));
    put_u16(0);
    put_u32(0);  // no snap length: a rewritten packet may pass the input's
    put_u16(kOptionInterfaceName);
    put_u16(uint16_t(name_bytes));
    put({interface.name.data(), name_bytes});
    put_padding(name_bytes);
    put_u16(kOptionTimeResolution);
    put_u16(1);
    put({&kNanosecondResolution, 1});
    put_padding(1);
    put_u32(kOptionEnd);
    put_u32(uint32_t(bytes));
  }
}

void CaptureWriter::put_padding(size_t bytes) {
  constexpr uint8_t kZeros[3] = {};
  put({kZeros, padded(bytes) - bytes});
}

void CaptureWriter::put(Bytes bytes) {
  while (!bytes.empty()) {
    Bytes part = bytes.first(kBufferBytes - used_);
    memcpy(buffer_.get() + used_, part.data(), part.size());
    used_ += part.size();
    bytes = bytes.sub(part.size());
    if (used_ == kBufferBytes) flush();
  }
}

void CaptureWriter::flush() {
  size_t done = 0;
  while (!failure_ && done < used_) {
    ssize_t wrote = ::write(descriptor_, buffer_.get() + done, used_ - done);
    if (wrote >= 0)
      done += size_t(wrote);
    else if (errno != EINTR)
      fail(strerror(errno), kOtherPlace);
  }
  used_ = 0;
}

void CaptureWriter::fail(const std::string& what, const char* remedy) {
  if (failure_) return;
  failure_ =
      Failure(name_ + ": cannot write the output: " + what + "; it is incomplete; " + remedy);
}

}  // namespace nflua::replay
