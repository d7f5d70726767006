// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/sent_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflua::cli {

void SentLines::sent(uint32_t number) {
  if (messages_ == 0) first_number_ = number;
  ++messages_;
  ++lines_;
}

void SentLines::too_long(size_t bytes, size_t most) {
  left_out_after_.push_back(messages_);
  ++lines_;
  tell(lines_, fmt::format("found {} bytes, expected at most {}", bytes, most));
  ++too_long_;
}

void SentLines::refused(uint32_t number) {
  tell(line_of(number), "refused");
  ++refused_;
}

uint64_t SentLines::line_of(uint32_t number) const {
  const uint64_t before = number - first_number_;  // messages
  const auto skipped = std::upper_bound(left_out_after_.begin(), left_out_after_.end(), before) -
                       left_out_after_.begin();
  return before + static_cast<uint64_t>(skipped) + 1;
}

void SentLines::tell(uint64_t line, const std::string& what) const {
  if (failed() < kTold) fmt::print(stderr, "nflua: line {}: {}\n", line, what);
}

std::string SentLines::summary() const {
  return fmt::format("sent {} messages, {} refused, {} too long", messages_, refused_, too_long_);
}

}  // namespace nflua::cli
