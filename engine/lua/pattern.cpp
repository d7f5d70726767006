// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/pattern.hpp"

namespace nflua {
namespace {

constexpr char kEscape = '%';
/// Nested calls of match(): what Lua calls MAXCCALLS.
constexpr int kMaxDepth = 200;
/// Work (items tried, bytes looked at) in the time of one step, and how much may gather before it
/// is charged.
constexpr size_t kWorkPerStep = 4;
constexpr size_t kWorkBatch = 256;

// The C locale's classes, on every datapath.
bool is_lower(uint8_t c) { return c >= 'a' && c <= 'z'; }
bool is_upper(uint8_t c) { return c >= 'A' && c <= 'Z'; }
bool is_alpha(uint8_t c) { return is_lower(c | 0x20) && c < 0x80; }
bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
bool is_graph(uint8_t c) { return c > ' ' && c < 0x7f; }
bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_hex(uint8_t c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

/// Whether `c` belongs to the class of a lower-case letter; `is_class` says whether it is one's.
bool is_in_lower_class(uint8_t c, uint8_t letter, bool& is_class) {
  switch (letter) {
    case 'a':
      return is_alpha(c);
    case 'c':
      return c < ' ' || c == 0x7f;
    case 'd':
      return is_digit(c);
    case 'g':
      return is_graph(c);
    case 'l':
      return is_lower(c);
    case 'p':
      return is_graph(c) && !is_alpha(c) && !is_digit(c);
    case 's':
      return is_space(c);
    case 'u':
      return is_upper(c);
    case 'w':
      return is_alpha(c) || is_digit(c);
    case 'x':
      return is_hex(c);
    case 'z':
      return c == '\0';
    default:
      is_class = false;
      return false;
  }
}

/// `letter` is what follows the escape: a class, its complement, or itself.
bool is_in_class(uint8_t c, char letter) {
  const auto code = static_cast<uint8_t>(letter);
  bool is_class = true;
  const bool in = is_in_lower_class(c, is_upper(code) ? code | 0x20 : code, is_class);
  return is_class ? in == is_lower(code) : c == code;
}

/// `set` is at its '[', `last` at its ']'.
bool is_in_set(uint8_t c, const char* set, const char* last) {
  const bool negated = set[1] == '^';
  for (const char* p = set + 1 + negated; p < last; ++p) {
    if (*p == kEscape) {
      if (is_in_class(c, *++p)) return !negated;
    } else if (last - p > 2 && p[1] == '-') {
      const auto low = static_cast<uint8_t>(p[0]);
      p += 2;
      if (low <= c && c <= static_cast<uint8_t>(*p)) return !negated;
    } else if (static_cast<uint8_t>(*p) == c) {
      return !negated;
    }
  }
  return negated;
}

}  // namespace

PatternMatcher::PatternMatcher(lua_State* L, Text subject, Text pattern)
    : L_(L),
      begin_(subject.data()),
      end_(subject.data() + subject.size()),
      pattern_(pattern.data()),
      pattern_end_(pattern.data() + pattern.size()) {
  if (pattern.size() > kMaxPatternBytes)
    luaL_error(L, "pattern too long (%d bytes at most)", static_cast<int>(kMaxPatternBytes));
}

void PatternMatcher::count(size_t work) {
  work_ += work;
  if (work_ < kWorkBatch) return;
  nflua_charge(L_, work_ / kWorkPerStep);
  work_ = 0;
}

const char* PatternMatcher::match_at(const char* start) {
  depth_ = 0;
  captures_ = 0;
  return match(start, pattern_);
}

const char* PatternMatcher::match(const char* at, const char* pattern) {
  if (++depth_ > kMaxDepth) luaL_error(L_, "pattern too complex");
  // What nests may as well be the calls that led here, as callbacks of gsub.
  if (nflua_stack_is_low()) luaL_error(L_, "stack overflow");
  // A choice costs as much as two items: it is tried again and again, with a call for each try.
  count(2);
  const char* end = match_items(at, pattern);
  --depth_;
  return end;
}

/// Matches what is left of the pattern; recurses only where there is a choice.
const char* PatternMatcher::match_items(const char* at, const char* p) {
  while (p < pattern_end_) {
    count(1);
    const char next = p + 1 < pattern_end_ ? p[1] : '\0';
    if (*p == '(')
      return next == ')' ? match_capture(at, p + 2, kPosition)
                         : match_capture(at, p + 1, kUnclosed);
    if (*p == ')') return match_capture_end(at, p + 1);
    if (*p == '$' && p + 1 == pattern_end_) return at == end_ ? at : nullptr;
    if (*p == kEscape && next == 'b') {
      at = match_balanced(at, p + 2);
      if (!at) return nullptr;
      p += 4;
      continue;
    }
    if (*p == kEscape && next == 'f') {
      p += 2;
      if (p == pattern_end_ || *p != '[') luaL_error(L_, "missing '[' after '%%f' in pattern");
      const char* set = p;
      p = find_item_end(set);
      if (!match_frontier(at, set, p)) return nullptr;
      continue;
    }
    if (*p == kEscape && is_digit(static_cast<uint8_t>(next))) {
      at = match_back_reference(at, next);
      if (!at) return nullptr;
      p += 2;
      continue;
    }
    const char* item_end = find_item_end(p);
    switch (item_end < pattern_end_ ? *item_end : '\0') {
      case '*':
        return match_most(at, p, item_end);
      case '+':
        return match_single(at, p, item_end) ? match_most(at + 1, p, item_end) : nullptr;
      case '-':
        return match_least(at, p, item_end);
      case '?':
        if (match_single(at, p, item_end))
          if (const char* end = match(at + 1, item_end + 1)) return end;
        p = item_end + 1;
        break;
      default:
        if (!match_single(at, p, item_end)) return nullptr;
        ++at;
        p = item_end;
    }
  }
  return at;
}

const char* PatternMatcher::match_most(const char* at, const char* item, const char* item_end) {
  const char* last = at;
  while (match_single(last, item, item_end)) ++last;
  for (; last >= at; --last)
    if (const char* end = match(last, item_end + 1)) return end;
  return nullptr;
}

const char* PatternMatcher::match_least(const char* at, const char* item, const char* item_end) {
  for (;; ++at) {
    if (const char* end = match(at, item_end + 1)) return end;
    if (!match_single(at, item, item_end)) return nullptr;
  }
}

const char* PatternMatcher::match_capture(const char* at, const char* p, ptrdiff_t kind) {
  if (captures_ == kMaxCaptures) luaL_error(L_, "too many captures");
  capture_[captures_++] = {at, kind};
  const char* end = match(at, p);
  if (!end) --captures_;
  return end;
}

const char* PatternMatcher::match_capture_end(const char* at, const char* p) {
  int open = captures_ - 1;
  while (open >= 0 && capture_[open].size != kUnclosed) --open;
  if (open < 0) luaL_error(L_, "invalid pattern capture");
  capture_[open].size = at - capture_[open].start;
  const char* end = match(at, p);
  if (!end) capture_[open].size = kUnclosed;
  return end;
}

const char* PatternMatcher::match_balanced(const char* at, const char* delimiters) {
  if (pattern_end_ - delimiters < 2)
    luaL_error(L_, "malformed pattern (missing arguments to '%%b')");
  const char open = delimiters[0], close = delimiters[1];
  if (at == end_ || *at != open) return nullptr;
  size_t depth = 1;
  for (const char* p = at + 1; p < end_; ++p) {
    count(1);
    if (*p == close) {
      if (--depth == 0) return p + 1;
    } else if (*p == open) {
      ++depth;
    }
  }
  return nullptr;
}

const char* PatternMatcher::match_back_reference(const char* at, char digit) {
  const int index = digit - '1';
  if (index < 0 || index >= captures_ || capture_[index].size == kUnclosed)
    luaL_error(L_, "invalid capture index %%%d", index + 1);
  const ptrdiff_t size = capture_[index].size;
  // A position has no text to find again.
  if (size == kPosition || size > end_ - at) return nullptr;
  count(static_cast<size_t>(size) / kWorkPerStep);
  return memcmp(capture_[index].start, at, static_cast<size_t>(size)) == 0 ? at + size : nullptr;
}

bool PatternMatcher::match_frontier(const char* at, const char* set, const char* set_end) {
  count(2 * static_cast<size_t>(set_end - set));
  const char before = at == begin_ ? '\0' : at[-1];
  const char after = at == end_ ? '\0' : *at;
  return !is_in_set(static_cast<uint8_t>(before), set, set_end - 1) &&
         is_in_set(static_cast<uint8_t>(after), set, set_end - 1);
}

bool PatternMatcher::match_single(const char* at, const char* item, const char* item_end) {
  if (at == end_) return false;
  count(static_cast<size_t>(item_end - item));
  const auto c = static_cast<uint8_t>(*at);
  switch (*item) {
    case '.':
      return true;
    case kEscape:
      return is_in_class(c, item[1]);
    case '[':
      return is_in_set(c, item, item_end - 1);
    default:
      return static_cast<uint8_t>(*item) == c;
  }
}

const char* PatternMatcher::find_item_end(const char* p) {
  if (*p == kEscape) {
    if (p + 1 == pattern_end_) luaL_error(L_, "malformed pattern (ends with '%%')");
    return p + 2;
  }
  if (*p != '[') return p + 1;
  const char* const set = p++;
  if (p < pattern_end_ && *p == '^') ++p;
  // A ']' that comes first is a member.
  do {
    if (p >= pattern_end_) luaL_error(L_, "malformed pattern (missing ']')");
    p += *p == kEscape && p + 1 < pattern_end_ ? 2 : 1;
  } while (p >= pattern_end_ || *p != ']');
  count(static_cast<size_t>(p - set) / kWorkPerStep);
  return p + 1;
}

void PatternMatcher::push_capture(int index, const char* start, const char* end) {
  if (index >= captures_) {
    if (index != 0) luaL_error(L_, "invalid capture index %%%d", index + 1);
    lua_pushlstring(L_, start, static_cast<size_t>(end - start));
    return;
  }
  const Capture& capture = capture_[index];
  if (capture.size == kUnclosed) luaL_error(L_, "unfinished capture");
  if (capture.size == kPosition)
    lua_pushinteger(L_, capture.start - begin_ + 1);
  else
    lua_pushlstring(L_, capture.start, static_cast<size_t>(capture.size));
}

int PatternMatcher::push_captures(const char* start, const char* end) {
  const int number = captures_ == 0 && start ? 1 : captures_;
  luaL_checkstack(L_, number, "too many captures");
  for (int i = 0; i < number; ++i) push_capture(i, start, end);
  return number;
}

}  // namespace nflua
