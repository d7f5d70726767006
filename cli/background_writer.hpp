// SPDX-License-Identifier: GPL-2.0-or-later
// A thread that writes lines, so that who tells them never waits for who reads them. What does not
// fit into its memory is left out.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "cli/line_sink.hpp"

namespace nflua::cli {

class BackgroundWriter final : public LineSink {
 public:
  /// Bytes that wait for the reader.
  static constexpr size_t kMaxWaitingBytes = size_t{16} << 20;

  /// Borrows: the file descriptor.
  explicit BackgroundWriter(int fd);
  ~BackgroundWriter();
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  bool put(std::string_view line) override;
  /// Writes what waits, as long as the reader goes on taking it. Returns the bytes that it didn't
  /// take. Requires: no put() any more.
  size_t finish();

 private:
  void run();
  /// Writes a part, waiting for the reader but not for ever. False: it goes no further.
  bool write_some(std::string_view& left);

  int fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  size_t untaken_bytes_ = 0;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace nflua::cli
