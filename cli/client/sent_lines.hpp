// SPDX-License-Identifier: GPL-2.0-or-later
// What became of the lines that were sent as messages, one after another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nflua::cli {

/// Tells the first failed lines on standard error; of the rest it counts how many there are.
class SentLines {
 public:
  static constexpr uint64_t kTold = 10;

  /// The next line went as the message of this number.
  void sent(uint32_t number);
  /// The next line was not sent.
  void too_long(size_t bytes, size_t most);
  /// The server refused the message of this number. `why`: empty if only the server knows.
  void refused(uint32_t number, const std::string& why);

  uint64_t failed() const { return refused_ + too_long_; }
  /// Whether the next failed line will be told.
  bool tells() const { return failed() < kTold; }
  std::string summary() const;

 private:
  uint64_t line_of(uint32_t number) const;
  void tell(uint64_t line, const std::string& what) const;

  uint64_t lines_ = 0;
  uint64_t refused_ = 0;
  uint64_t too_long_ = 0;
  uint64_t messages_ = 0;
  uint32_t first_number_ = 0;
  /// Messages whose numbers and lines follow one another. Between two of them a line was not sent,
  /// or a question to the server took a number.
  struct Run {
    uint32_t offset;  ///< of the first one's number from first_number_
    uint64_t line;
  };
  std::vector<Run> runs_;
  /// The message sent last.
  Run last_ = {};
};

}  // namespace nflua::cli
