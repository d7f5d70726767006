// SPDX-License-Identifier: GPL-2.0-or-later
// Builds captures byte by byte, right ones and damaged ones, and puts them into files for a test.
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace nflua::test {

/// A file that lives as long as this object.
class TempFile {
 public:
  explicit TempFile(const std::string& content = {}) {
    int descriptor = mkstemp(path_.data());
    if (descriptor < 0 ||
        write(descriptor, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
      throw std::runtime_error("cannot write " + path_);
    close(descriptor);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() { unlink(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/nflua-test-XXXXXX";
};

/// Integers in a chosen byte order, one after the other.
class CaptureBuilder {
 public:
  explicit CaptureBuilder(bool big_endian = false) : big_endian_(big_endian) {}

  CaptureBuilder& integer(uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) {
      size_t shift = 8 * (big_endian_ ? bytes - 1 - i : i);
      bytes_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }
  CaptureBuilder& u16(uint64_t value) { return integer(value, 2); }
  CaptureBuilder& u32(uint64_t value) { return integer(value, 4); }
  CaptureBuilder& u64(uint64_t value) { return integer(value, 8); }
  CaptureBuilder& text(const std::string& text) {
    bytes_ += text;
    return *this;
  }
  CaptureBuilder& padding(size_t after) {
    bytes_.append((4 - after % 4) % 4, '\0');
    return *this;
  }

  CaptureBuilder& pcap_header(uint32_t magic = 0xa1b2c3d4, uint32_t link_type = 1,
                              uint32_t snap_length = 262144) {
    return u32(magic).u16(2).u16(4).u32(0).u32(0).u32(snap_length).u32(link_type);
  }
  CaptureBuilder& pcap_packet(uint32_t seconds, uint32_t fraction, const std::string& packet,
                              uint32_t original = 0) {
    uint64_t size = packet.size();
    return u32(seconds).u32(fraction).u32(size).u32(original ? original : size).text(packet);
  }

  /// Any pcapng block; `body` is padded.
  CaptureBuilder& block(uint32_t type, const std::string& body) {
    uint64_t bytes = 12 + body.size() + (4 - body.size() % 4) % 4;
    return u32(type).u32(bytes).text(body).padding(body.size()).u32(bytes);
  }
  using Option = std::pair<uint16_t, std::string>;
  CaptureBuilder& options(const std::vector<Option>& options) {
    for (const auto& [code, value] : options)
      u16(code).u16(value.size()).text(value).padding(value.size());
    return options.empty() ? *this : u32(0);
  }
  CaptureBuilder& section(uint16_t major = 1, uint64_t length = UINT64_MAX,
                          const std::vector<Option>& options = {}) {
    CaptureBuilder body(big_endian_);
    body.u32(0x1a2b3c4d).u16(major).u16(0).u64(length).options(options);
    return block(0x0a0d0d0a, body.str());
  }
  CaptureBuilder& interface(uint16_t link_type = 1, uint32_t snap_length = 0,
                            const std::vector<Option>& options = {}) {
    CaptureBuilder body(big_endian_);
    body.u16(link_type).u16(0).u32(snap_length).options(options);
    return block(1, body.str());
  }
  CaptureBuilder& enhanced(uint32_t interface, uint64_t time, const std::string& packet,
                           uint32_t original = 0, const std::vector<Option>& options = {}) {
    CaptureBuilder body(big_endian_);
    uint64_t size = packet.size();
    body.u32(interface).u32(time >> 32).u32(time & UINT32_MAX);
    body.u32(size).u32(original ? original : size).text(packet).padding(size).options(options);
    return block(6, body.str());
  }

  const std::string& str() const { return bytes_; }

 private:
  bool big_endian_;
  std::string bytes_;
};

}  // namespace nflua::test
