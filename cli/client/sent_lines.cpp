// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/sent_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/client/one_line.hpp"

namespace nflua::cli {

void SentLines::sent(uint32_t number) {
  if (messages_ == 0) first_number_ = number;
  ++messages_;
  ++lines_;
  const Run sent = {number - first_number_, lines_};
  const bool follows = sent.offset == last_.offset + 1 && sent.line == last_.line + 1;
  if (runs_.empty() || !follows) runs_.push_back(sent);
  last_ = sent;
}

void SentLines::too_long(size_t bytes, size_t most) {
  ++lines_;
  tell(lines_, fmt::format("found {} bytes, expected at most {}", bytes, most));
  ++too_long_;
}

void SentLines::refused(uint32_t number, const std::string& why) {
  tell(line_of(number), why.empty() ? "refused" : fmt::format("refused: {}", one_line(why)));
  ++refused_;
}

uint64_t SentLines::line_of(uint32_t number) const {
  const uint32_t offset = number - first_number_;
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), offset,
                                      [](uint32_t o, const Run& run) { return o < run.offset; });
  const Run& run = *std::prev(after);
  return run.line + (offset - run.offset);
}

void SentLines::tell(uint64_t line, const std::string& what) const {
  if (tells()) fmt::print(stderr, "nflua: line {}: {}\n", line, what);
}

std::string SentLines::summary() const {
  return fmt::format("sent {} messages, {} refused, {} too long", messages_, refused_, too_long_);
}

}  // namespace nflua::cli
