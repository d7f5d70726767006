// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace nflua::cli {

namespace {

constexpr std::chrono::milliseconds kInterval{100};
constexpr uint64_t kBarWidth = 40;
constexpr const char* kEraseLine = "\r\033[K";

}  // namespace

Progress::Progress(uint64_t total_bytes)
    : total_bytes_(total_bytes),
      is_shown_(total_bytes > 0 && isatty(STDERR_FILENO)),
      next_(std::chrono::steady_clock::now() + kInterval) {}

void Progress::finish() {
  if (is_shown_) fmt::print(stderr, "{}", kEraseLine);
  is_shown_ = false;
}

void Progress::update(uint64_t done_bytes, uint64_t packets) {
  const auto now = std::chrono::steady_clock::now();
  if (!is_shown_ || now < next_) return;
  next_ = now + kInterval;
  const uint64_t done = std::min(done_bytes, total_bytes_);
  const auto filled = int(kBarWidth * done / total_bytes_);
  fmt::print(stderr, "{}[{:#<{}}{:{}}] {:3}%  {} packets", kEraseLine, "", filled, "",
             int(kBarWidth) - filled, 100 * done / total_bytes_, packets);
  std::fflush(stderr);
}

}  // namespace nflua::cli
