// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/background_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace nflua::cli {

namespace {

/// How long a reader may take nothing while the run ends. Units: milliseconds.
constexpr int kEndPatienceMs = 1000;
/// How often a stalled reader is looked at before that.
constexpr int kPollMs = 100;

}  // namespace

BackgroundWriter::BackgroundWriter(int fd) : fd_(fd), thread_([this] { run(); }) {}

BackgroundWriter::~BackgroundWriter() { finish(); }

bool BackgroundWriter::put(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + line.size() > kMaxWaitingBytes) return false;
  waiting_ += line;
  changed_.notify_one();
  return true;
}

size_t BackgroundWriter::finish() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  return untaken_bytes_;
}

void BackgroundWriter::run() {
  std::string batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch.clear();
      std::swap(batch, waiting_);
    }
    std::string_view left = batch;
    while (!left.empty() && write_some(left)) {
    }
    untaken_bytes_ += left.size();
  }
}

// What fits into a pipe that says it can take something never waits.
bool BackgroundWriter::write_some(std::string_view& left) {
  pollfd out{fd_, POLLOUT, 0};
  for (int waited_ms = 0; poll(&out, 1, kPollMs) == 0; waited_ms += kPollMs) {
    const std::lock_guard lock(mutex_);
    if (is_ending_ && waited_ms >= kEndPatienceMs) return false;
    if (!is_ending_) waited_ms = 0;
  }
  const ssize_t written = write(fd_, left.data(), std::min<size_t>(left.size(), PIPE_BUF));
  if (written < 0) return errno == EINTR;
  left.remove_prefix(size_t(written));
  return true;
}

}  // namespace nflua::cli
