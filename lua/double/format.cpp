// SPDX-License-Identifier: GPL-2.0-or-later
// Source: C11 7.21.6.1.
#include "lua/double/format.hpp"

namespace nflua::soft {

namespace {

constexpr char kCase = 'a' - 'A';

int take_number(const char** at) {
  int number = 0;
  for (; **at >= '0' && **at <= '9'; ++*at) number = number * 10 + (**at - '0');
  return number;
}

bool take_flag(char c, Conversion* conversion) {
  switch (c) {
    case '-':
      return conversion->is_left = true;
    case '+':
      return conversion->has_plus = true;
    case ' ':
      return conversion->has_space = true;
    case '#':
      return conversion->is_alternative = true;
    case '0':
      return conversion->has_zeros = true;
    default:
      return false;
  }
}

int padding_of(const Conversion& conversion, const Prefix& prefix, int length) {
  return conversion.width - prefix.length - length;
}

}  // namespace

Conversion take_conversion(const char** at) {
  Conversion conversion;
  ++*at;
  while (take_flag(**at, &conversion)) ++*at;
  conversion.width = take_number(at);
  if (**at == '.') {
    ++*at;
    conversion.precision = take_number(at);
  }
  for (; **at == 'l'; ++*at) conversion.is_long = true;
  const char letter = **at;
  if (letter != 0) ++*at;
  conversion.is_upper = letter >= 'A' && letter <= 'Z';
  conversion.letter = conversion.is_upper ? char(letter + kCase) : letter;
  return conversion;
}

Text::Text(char* to, size_t size) : to_(to), size_(size) {}

void Text::set_upper(bool is_upper) { is_upper_ = is_upper; }

void Text::put(char c) {
  if (is_upper_ && c >= 'a' && c <= 'z') c = char(c - kCase);
  if (length_ + 1 < size_) to_[length_] = c;
  ++length_;
}

void Text::put(const char* text) {
  for (; *text != 0; ++text) put(*text);
}

void Text::fill(char c, int count) {
  for (; count > 0; --count) put(c);
}

int Text::end() {
  if (size_ != 0) to_[length_ < size_ ? length_ : size_ - 1] = 0;
  return int(length_);
}

Prefix sign_of(const Conversion& conversion, bool is_negative) {
  Prefix prefix{};
  if (is_negative || conversion.has_plus || conversion.has_space)
    prefix.text[prefix.length++] = is_negative ? '-' : conversion.has_plus ? '+' : ' ';
  return prefix;
}

void put_before(Text& text, const Conversion& conversion, const Prefix& prefix, int length) {
  const int padding = conversion.is_left ? 0 : padding_of(conversion, prefix, length);
  if (!conversion.has_zeros) text.fill(' ', padding);
  text.put(prefix.text);
  if (conversion.has_zeros) text.fill('0', padding);
}

void put_after(Text& text, const Conversion& conversion, const Prefix& prefix, int length) {
  if (conversion.is_left) text.fill(' ', padding_of(conversion, prefix, length));
}

}  // namespace nflua::soft
