// SPDX-License-Identifier: GPL-2.0-or-later
// A file, a pipe or standard input, read through one buffer, which grows for what has to be there
// as a whole. It may be compressed.
//
//   ensure(n) → at() for n bytes → consume(n)
// Owns: the file descriptor (not standard input's) and the buffer. What at() gives is writable: the
// bytes are ours until the next ensure(), and a script may edit a frame in place.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "datapath/replay/decompressor.hpp"
#include "engine/bytes.hpp"
#include "support/outcome.hpp"

namespace nflua::replay {

class Input {
 public:
  /// "-" is standard input. Errors: no such file, no permission, a directory.
  static Outcome<Input> open(const std::string& path);

  Input(Input&& other) noexcept;
  Input& operator=(Input&& other) = delete;
  ~Input();

  /// Whether `count` bytes are there; waits for them. False at the end of the file, or failure().
  /// Requires: `count` is bounded by the caller; so much memory may be taken until the end.
  bool ensure(size_t count) { return end_ - begin_ >= count || fill(count); }
  /// As ensure(), for what may do without: not once the input has paused for kPatienceMs. Where it
  /// is compressed, it waits all the same: its decoder would take the pause for the end.
  bool ensure_soon(size_t count);
  size_t available() const { return end_ - begin_; }
  uint8_t* at() { return buffer_.get() + begin_; }
  // Requires: count <= available().
  void consume(size_t count) { begin_ += count; }
  /// Skips bytes, however many. False when the file ends first.
  bool skip(uint64_t count);

  /// Called before each wait for what has not come yet, as of a capture that grows in a pipe.
  void on_pause(std::function<void()> pause) { on_pause_ = std::move(pause); }

  /// From here on, what is there and what follows is compressed. Requires: it was not so far.
  void decompress(Compression compression);
  bool is_compressed() const { return decompressor_ != nullptr; }

  /// Of the next byte in the file, or of what it stands for if it is compressed.
  uint64_t offset() const { return filled_ - available(); }
  /// How much of the file itself has been read.
  uint64_t bytes_of_file() const { return bytes_of_file_; }
  const std::string& name() const { return name_; }
  const Failure& failure() const { return failure_; }
  /// Whether `descriptor` is this very file, which writing would destroy.
  bool is_same_file(int descriptor) const;

 private:
  /// Of the buffer before it grows, and of one read. Measured: smaller ones cost system calls,
  /// larger ones cache misses.
  static constexpr size_t kReadBytes = size_t{1} << 20;
  static constexpr int kForever = -1;
  /// No pipe of a file that is there pauses so long; a capture that grows does.
  static constexpr int kPatienceMs = 1000;

  Input(int descriptor, std::string name);
  bool fill(size_t count);
  /// Moves what is there to the front of a buffer that holds `count` bytes.
  void make_room(size_t count);
  /// Up to room.size() bytes; 0: the end, or failure().
  size_t read_some(MutableBytes room);
  size_t read_file(MutableBytes room);
  /// Until there is something to read, or the end. False: failure(), as a signal came; or the
  /// patience is at its end.
  bool wait();

  int descriptor_;
  std::string name_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t capacity_ = kReadBytes;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t filled_ = 0;
  uint64_t bytes_of_file_ = 0;
  std::unique_ptr<Decompressor> decompressor_;
  std::function<void()> on_pause_;
  int patience_ms_ = kForever;
  Failure failure_;
};

}  // namespace nflua::replay
