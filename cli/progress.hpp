// SPDX-License-Identifier: GPL-2.0-or-later
// A progress bar on a terminal; nothing elsewhere.
#pragma once

#include <chrono>
#include <cstdint>

namespace nflua::cli {

class Progress {
 public:
  /// `total_bytes` 0: unknown (a pipe), so there is no bar.
  explicit Progress(uint64_t total_bytes);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Wipes the bar.
  void finish();
  void update(uint64_t done_bytes, uint64_t packets);

 private:
  uint64_t total_bytes_;
  bool is_shown_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace nflua::cli
