// SPDX-License-Identifier: GPL-2.0-or-later
// Where lines go that a program reads.
#pragma once

#include <cstdio>
#include <string_view>

namespace nflua::cli {

class LineSink {
 public:
  /// A line with its newline. False: it was left out.
  virtual bool put(std::string_view line) = 0;

 protected:
  ~LineSink() = default;
};

/// Takes every line, and waits for who reads it. A failure to write stays in the file's error flag.
class FileSink final : public LineSink {
 public:
  /// Borrows: `file`.
  explicit FileSink(std::FILE* file) : file_(file) {}
  bool put(std::string_view line) override {
    std::fwrite(line.data(), 1, line.size(), file_);
    return true;
  }

 private:
  std::FILE* file_;
};

}  // namespace nflua::cli
