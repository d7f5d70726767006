// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/words.hpp"

namespace nflua {
namespace {

/// Letters that may be wrong in a word: of a short one, hardly any.
constexpr size_t kShortWordBytes = 4;
constexpr size_t kWrongInShortWord = 1;
constexpr size_t kWrongInLongWord = 2;
/// What stands within a longer word, as "drop" in "NF_DROP", is no chance from that length on.
constexpr size_t kTellingBytes = 4;

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool is_same_letter(char a, char b) { return lower_case(a) == lower_case(b); }

bool begins_with(Text text, size_t at, Text word) {
  if (word.size() > text.size() - at) return false;
  for (size_t i = 0; i < word.size(); ++i)
    if (!is_same_letter(text[at + i], word[i])) return false;
  return true;
}

bool contains(Text text, Text word) {
  if (word.size() < kTellingBytes) return false;
  for (size_t at = 0; at < text.size(); ++at)
    if (begins_with(text, at, word)) return true;
  return false;
}

}  // namespace

// The optimal string alignment distance, three rows of its table at a time.
size_t word_distance(Text a, Text b) {
  uint8_t rows[3][kMaxComparedBytes + 1];
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = uint8_t(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    uint8_t* const row = rows[i % 3];
    const uint8_t* const above = rows[(i - 1) % 3];
    const uint8_t* const above_that = rows[(i + 1) % 3];
    row[0] = uint8_t(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = above[j - 1] + size_t(!is_same_letter(a[i - 1], b[j - 1]));
      size_t distance = least(changed, least(above[j], row[j - 1]) + 1);
      const bool is_swapped = i > 1 && j > 1 && is_same_letter(a[i - 1], b[j - 2]) &&
                              is_same_letter(a[i - 2], b[j - 1]);
      if (is_swapped) distance = least(distance, size_t{above_that[j - 2]} + 1);
      row[j] = uint8_t(distance);
    }
  }
  return rows[a.size() % 3][b.size()];
}

void NearestWord::consider(Text candidate) {
  if (word_.empty() || candidate.empty()) return;
  if (word_.size() > kMaxComparedBytes || candidate.size() > kMaxComparedBytes) return;
  const size_t most = least(word_.size(), candidate.size()) <= kShortWordBytes ? kWrongInShortWord
                                                                               : kWrongInLongWord;
  size_t distance = word_distance(word_, candidate);
  if (distance > most && (contains(word_, candidate) || contains(candidate, word_)))
    distance = most;
  if (distance > most || (!found_.empty() && distance >= distance_)) return;
  found_ = candidate;
  distance_ = distance;
}

}  // namespace nflua
