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
  /// The server refused the message of this number.
  void refused(uint32_t number);

  uint64_t failed() const { return refused_ + too_long_; }
  std::string summary() const;

 private:
  uint64_t line_of(uint32_t number) const;
  void tell(uint64_t line, const std::string& what) const;

  uint64_t lines_ = 0;
  uint64_t refused_ = 0;
  uint64_t too_long_ = 0;
  /// Of the first message.
  uint32_t first_number_ = 0;
  uint64_t messages_ = 0;
  /// How many messages had been sent before each line that was not.
  std::vector<uint64_t> left_out_after_;
};

}  // namespace nflua::cli
