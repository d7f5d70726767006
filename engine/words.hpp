// SPDX-License-Identifier: GPL-2.0-or-later
// Which of some known words was meant by one that is not among them: for "did you mean …".
#pragma once

#include "engine/bytes.hpp"

namespace nflua {

/// Bytes of words that are compared. Each comparison takes the square of it.
inline constexpr size_t kMaxComparedBytes = 24;

/// How many letters lie between two words: inserted, left out, another one, or two neighbours that
/// changed places. Upper and lower case are the same. Requires: kMaxComparedBytes at most.
size_t word_distance(Text a, Text b);

/// Looks at candidates one by one. Borrows: the word, and each candidate.
class NearestWord {
 public:
  explicit NearestWord(Text word) : word_(word) {}

  void consider(Text candidate);
  /// Empty: none is near enough that someone may have meant it.
  Text found() const { return found_; }

 private:
  Text word_;
  Text found_;
  size_t distance_ = 0;
};

}  // namespace nflua
