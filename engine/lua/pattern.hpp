// SPDX-License-Identifier: GPL-2.0-or-later
// Lua's patterns, matched at a price: each step of the search draws on the budget, so that no
// pattern and no subject, however chosen, takes longer than the call may.
// Source: the Lua 5.4 reference manual, section 6.4.1.
//
// Trivially destructible: errors are raised from within by longjmp.
#pragma once

#include "engine/lua/binding.hpp"

namespace nflua {

class PatternMatcher {
 public:
  /// Borrows: both texts. Requires: pattern without its anchor `^`.
  /// Errors: raises when the pattern is longer than kMaxPatternBytes.
  PatternMatcher(lua_State* L, Text subject, Text pattern);

  /// Matches the whole pattern at `start`, which lies within the subject or at its end. Returns the
  /// end of the match or nullptr. Errors: raises for a malformed pattern.
  const char* match_at(const char* start);

  /// Of the last match. Pushes all captures, the whole match if there are none and `start` isn't
  /// null; returns their number.
  int push_captures(const char* start, const char* end);
  /// Pushes capture `index` (from 0), the whole match if there are none and it is the first.
  /// Errors: raises if there is none such.
  void push_capture(int index, const char* start, const char* end);

  const char* begin() const { return begin_; }
  const char* end() const { return end_; }

 private:
  /// What Lua calls LUA_MAXCAPTURES.
  static constexpr int kMaxCaptures = 32;

  struct Capture {
    const char* start;
    /// Bytes; or one of the two below.
    ptrdiff_t size;
  };
  static constexpr ptrdiff_t kUnclosed = -1;
  static constexpr ptrdiff_t kPosition = -2;

  const char* match(const char* at, const char* pattern);
  const char* match_items(const char* at, const char* pattern);
  const char* match_most(const char* at, const char* item, const char* item_end);
  const char* match_least(const char* at, const char* item, const char* item_end);
  const char* match_capture(const char* at, const char* pattern, ptrdiff_t kind);
  const char* match_capture_end(const char* at, const char* pattern);
  const char* match_balanced(const char* at, const char* delimiters);
  const char* match_back_reference(const char* at, char digit);
  bool match_frontier(const char* at, const char* set, const char* set_end);
  bool match_single(const char* at, const char* item, const char* item_end);
  const char* find_item_end(const char* item);
  void count(size_t work);

  lua_State* L_;
  const char* begin_;
  const char* end_;
  const char* pattern_;
  const char* pattern_end_;
  /// Work done and not yet charged.
  size_t work_ = 0;
  int depth_ = 0;
  int captures_ = 0;
  Capture capture_[kMaxCaptures];
};

}  // namespace nflua
