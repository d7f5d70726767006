// SPDX-License-Identifier: GPL-2.0-or-later
// What all conversions of C's formats have in common: flags, width and precision, signs and
// padding, and a buffer that may be too small.
// Context: any; nothing is allocated or kept.
#pragma once

#include <stddef.h>

namespace nflua::soft {

struct Conversion {
  bool is_left = false, has_plus = false, has_space = false, is_alternative = false,
       has_zeros = false;
  int width = 0;
  int precision = -1;  // not given
  bool is_long = false;
  char letter = 0;  // in lower case
  bool is_upper = false;
};

/// Reads one conversion and moves *at behind it. Requires: *at is at a '%'.
Conversion take_conversion(const char** at);

/// Text of bounded length, with a zero behind it. Counts what did not fit, too.
class Text {
 public:
  Text(char* to, size_t size);

  /// Whether letters that follow are put in upper case.
  void set_upper(bool is_upper);
  void put(char c);
  void put(const char* text);
  void fill(char c, int count);
  /// Puts the zero, and returns the length.
  int end();

 private:
  char* to_;
  size_t size_;
  size_t length_ = 0;
  bool is_upper_ = false;
};

/// Before the digits: with the sign, its text.
struct Prefix {
  char text[4];
  int length;
};

constexpr Prefix kHexadecimalPrefix{"0x", 2};

Prefix sign_of(const Conversion& conversion, bool is_negative);

/// What comes before a body of `length` characters: padding and prefix; and after it, padding.
void put_before(Text& text, const Conversion& conversion, const Prefix& prefix, int length);
void put_after(Text& text, const Conversion& conversion, const Prefix& prefix, int length);

}  // namespace nflua::soft
