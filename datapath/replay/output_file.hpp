// SPDX-License-Identifier: GPL-2.0-or-later
// A file, a pipe or standard output, written through one buffer.
//
//   OutputFile::open(path, input) → put()* → flush() when what reads it should see it → close()
// The first failure is kept, nothing is written after it; destroying flushes, but can't tell.
// Owns: the file descriptor (not standard output's) and the buffer.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include <memory>
#include <string>

#include "datapath/replay/input.hpp"
#include "engine/bytes.hpp"
#include "support/outcome.hpp"

namespace nflua::replay {

class OutputFile {
 public:
  /// "-" is standard output. Errors: can't be created, is the very file that `input` reads.
  static Outcome<OutputFile> open(const std::string& path, const Input& input);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) = delete;
  ~OutputFile();

  void put(Bytes bytes);
  /// Hands everything to the system.
  void flush();
  /// Errors: the first one of any write, as a full disk.
  Failure close();

  /// Bytes put so far.
  uint64_t position() const { return flushed_ + used_; }
  /// Whether patch() works: not in a pipe, nor where everything is appended.
  bool can_patch() const { return start_ >= 0; }
  /// Overwrites what was put at `position`. Requires: can_patch(), position + size <= position().
  void patch(uint64_t position, Bytes bytes);

  /// "FILE: cannot write the output: `what`; …". Only the first failure counts.
  void fail(const std::string& what, const char* remedy);
  const Failure& failure() const { return failure_; }

 private:
  static constexpr size_t kBufferBytes = size_t{1} << 18;

  OutputFile(int descriptor, std::string name);

  int descriptor_;
  std::string name_;
  /// Where in the file our first byte is. Negative: the file has no such places.
  off_t start_ = -1;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t used_ = 0;
  uint64_t flushed_ = 0;
  Failure failure_;
};

}  // namespace nflua::replay
