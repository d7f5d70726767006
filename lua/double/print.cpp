// SPDX-License-Identifier: GPL-2.0-or-later
// Source: C11 7.21.6.1; where that leaves a choice (%a), as glibc does.
#include "lua/double/decimal.hpp"
#include "lua/double/double.hpp"

namespace nflua::soft {

namespace {

constexpr int kDefaultPrecision = 6;
/// Below this exponent, %g uses %e.
constexpr int kLeastPlainExponent = -4;
constexpr int kHexDigits = kBinary64.fraction_bits / 4;

struct Conversion {
  bool is_left = false, has_plus = false, has_space = false, keeps_point = false, has_zeros = false;
  int width = 0;
  int precision = -1;  // not given
  char letter = 'g';   // in lower case
  bool is_upper = false;
};

int number_at(const char** at) {
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
      return conversion->keeps_point = true;
    case '0':
      return conversion->has_zeros = true;
    default:
      return false;
  }
}

Conversion conversion_of(const char* format) {
  Conversion conversion;
  const char* at = format + 1;
  while (take_flag(*at, &conversion)) ++at;
  conversion.width = number_at(&at);
  if (*at == '.') {
    ++at;
    conversion.precision = number_at(&at);
  }
  constexpr char kCase = 'a' - 'A';
  conversion.is_upper = (*at & kCase) == 0;
  conversion.letter = char(*at | kCase);
  return conversion;
}

/// Text of bounded length, with a zero behind it. Counts what did not fit, too.
class Text {
 public:
  Text(char* to, size_t size, bool is_upper) : to_(to), size_(size), is_upper_(is_upper) {}

  void put(char c) {
    if (is_upper_ && c >= 'a' && c <= 'z') c = char(c - ('a' - 'A'));
    if (length_ + 1 < size_) to_[length_] = c;
    ++length_;
  }
  void put(const char* text) {
    for (; *text != 0; ++text) put(*text);
  }
  void fill(char c, int count) {
    for (; count > 0; --count) put(c);
  }
  int end() {
    if (size_ != 0) to_[length_ < size_ ? length_ : size_ - 1] = 0;
    return int(length_);
  }

 private:
  char* to_;
  size_t size_;
  size_t length_ = 0;
  bool is_upper_;
};

/// Before the digits: with the sign, its text.
struct Prefix {
  char text[4];
  int length;
};

Prefix prefix_of(const Conversion& conversion, bool is_negative, bool is_hexadecimal) {
  Prefix prefix{};
  if (is_negative || conversion.has_plus || conversion.has_space)
    prefix.text[prefix.length++] = is_negative ? '-' : conversion.has_plus ? '+' : ' ';
  if (is_hexadecimal) {
    prefix.text[prefix.length++] = '0';
    prefix.text[prefix.length++] = 'x';
  }
  return prefix;
}

/// Prefix, and padding on the side where it belongs; `body` puts that many characters.
template <class Body>
void put_padded(Text& text, const Conversion& conversion, const Prefix& prefix, int length,
                Body body) {
  const int padding = conversion.width - prefix.length - length;
  const bool is_right = !conversion.is_left;
  if (is_right && !conversion.has_zeros) text.fill(' ', padding);
  text.put(prefix.text);
  if (is_right && conversion.has_zeros) text.fill('0', padding);
  body();
  if (conversion.is_left) text.fill(' ', padding);
}

/// The exponent behind a number: a letter, a sign, and some digits at least.
struct Exponent {
  char letter;
  int value;
  int least_digits;

  int length() const {
    int digits = least_digits;
    for (int rest = size(); rest >= power(digits);) ++digits;
    return 2 + digits;
  }
  void put(Text& text) const {
    text.put(letter);
    text.put(value < 0 ? '-' : '+');
    for (int digit = length() - 2; digit-- > 0;) text.put(char('0' + size() / power(digit) % 10));
  }

 private:
  int size() const { return value < 0 ? -value : value; }
  static int power(int digits) {
    int product = 1;
    for (; digits > 0; --digits) product *= 10;
    return product;
  }
};

/// Which digits of a decimal number are shown.
struct Layout {
  int first, last;  // places, the greater one first
  int unit;         // the place before the point
  bool has_exponent;
};

/// With so many digits behind the point.
Layout plain_layout(const Decimal& number, int precision) {
  const int first = number.first_place();
  return {first > 0 ? first : 0, -precision, 0, false};
}

Layout scientific_layout(const Decimal& number, int precision) {
  const int first = number.first_place();
  return {first, first - precision, first, true};
}

/// %g: whichever is shorter, without zeros at the end.
Layout general_layout(Decimal& number, int precision, bool keeps_zeros) {
  if (precision == 0) precision = 1;
  number.round_at(number.first_place() - precision + 1);
  const int exponent = number.first_place();
  const bool is_plain = exponent >= kLeastPlainExponent && exponent < precision;
  int behind = is_plain ? precision - 1 - exponent : precision - 1;
  const int significant = (is_plain ? 0 : exponent) - number.last_place();
  if (!keeps_zeros && behind > significant) behind = significant > 0 ? significant : 0;
  return is_plain ? plain_layout(number, behind) : scientific_layout(number, behind);
}

Layout layout_of(Decimal& number, const Conversion& conversion) {
  const int precision = conversion.precision < 0 ? kDefaultPrecision : conversion.precision;
  if (conversion.letter == 'f') {
    number.round_at(-precision);
    return plain_layout(number, precision);
  }
  if (conversion.letter == 'e') {
    number.round_at(number.first_place() - precision);
    return scientific_layout(number, precision);
  }
  return general_layout(number, precision, conversion.keeps_point);
}

/// Requires: finite, no sign.
Decimal decimal_of(uint64_t size) {
  if (size == 0) return Decimal{};
  const Parts parts = parts_of(size);
  const int zeros = __builtin_ctzll(parts.significand);
  Decimal number(parts.significand >> zeros);
  int doublings = parts.exponent + zeros, halvings = -doublings;
  for (; doublings > 0; doublings -= kMaxDoublings)
    number.multiply(1u << (doublings < kMaxDoublings ? doublings : kMaxDoublings));
  for (; halvings > 0; halvings -= kMaxHalvings)
    number.halve(halvings < kMaxHalvings ? halvings : kMaxHalvings);
  return number;
}

void put_decimal(Text& text, const Conversion& conversion, Double value) {
  Decimal number = decimal_of(magnitude(value.image()));
  const Layout layout = layout_of(number, conversion);
  const Exponent exponent{'e', layout.unit, 2};
  const bool has_point = layout.last < layout.unit || conversion.keeps_point;
  const int length = layout.first - layout.last + 1 + (has_point ? 1 : 0) +
                     (layout.has_exponent ? exponent.length() : 0);
  const Prefix prefix = prefix_of(conversion, is_negative(value.image()), false);
  put_padded(text, conversion, prefix, length, [&] {
    for (int place = layout.first; place >= layout.last; --place) {
      text.put(char('0' + number.digit(place)));
      if (place == layout.unit && has_point) text.put('.');
    }
    if (layout.has_exponent) exponent.put(text);
  });
}

/// A significand as hexadecimal digits, the first of them before the point.
struct Hexadecimal {
  uint64_t digits;
  int behind;  // the point
  int exponent;
};

Hexadecimal hexadecimal_of(uint64_t size, int precision) {
  if (size == 0) return {0, precision < 0 ? 0 : precision, 0};
  const Parts parts = parts_of(size);
  Hexadecimal number{parts.significand, kHexDigits, parts.exponent + kBinary64.fraction_bits};
  if (precision < 0) {  // as many as are needed
    for (; number.behind > 0 && number.digits % 16 == 0; --number.behind) number.digits /= 16;
  } else if (precision >= kHexDigits) {
    number.behind = precision;
  } else {
    const int dropped = 4 * (kHexDigits - precision);
    const uint64_t half = uint64_t{1} << (dropped - 1), rest = number.digits & (2 * half - 1);
    number.digits >>= dropped;
    number.digits += rest > half || (rest == half && (number.digits & 1));
    number.behind = precision;
  }
  return number;
}

void put_hexadecimal(Text& text, const Conversion& conversion, Double value) {
  const Hexadecimal number = hexadecimal_of(magnitude(value.image()), conversion.precision);
  const Exponent exponent{'p', number.exponent, 1};
  const bool has_point = number.behind > 0 || conversion.keeps_point;
  const int length = 1 + (has_point ? 1 : 0) + number.behind + exponent.length();
  const Prefix prefix = prefix_of(conversion, is_negative(value.image()), true);
  const int there = number.behind < kHexDigits ? number.behind : kHexDigits;
  put_padded(text, conversion, prefix, length, [&] {
    for (int digit = there; digit >= 0; --digit) {
      text.put("0123456789abcdef"[number.digits >> (4 * digit) & 15]);
      if (digit == there && has_point) text.put('.');
    }
    text.fill('0', number.behind - there);
    exponent.put(text);
  });
}

void put_word(Text& text, Conversion conversion, const char* word, bool is_negative) {
  constexpr int kLength = 3;
  conversion.has_zeros = false;
  put_padded(text, conversion, prefix_of(conversion, is_negative, false), kLength,
             [&] { text.put(word); });
}

}  // namespace

int print(char* to, size_t size, const char* format, Double value) {
  const Conversion conversion = conversion_of(format);
  Text text(to, size, conversion.is_upper);
  if (is_nan(value.image()))
    put_word(text, conversion, "nan", false);
  else if (!is_finite(value.image()))
    put_word(text, conversion, "inf", is_negative(value.image()));
  else if (conversion.letter == 'a')
    put_hexadecimal(text, conversion, value);
  else
    put_decimal(text, conversion, value);
  return text.end();
}

}  // namespace nflua::soft
