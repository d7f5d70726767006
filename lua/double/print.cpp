// SPDX-License-Identifier: GPL-2.0-or-later
// Source: C11 7.21.6.1; where that leaves a choice (%a), as glibc does.
#include "lua/double/decimal.hpp"
#include "lua/double/double.hpp"
#include "lua/double/format.hpp"

namespace nflua::soft {

namespace {

constexpr int kDefaultPrecision = 6;
/// Below this exponent, %g uses %e.
constexpr int kLeastPlainExponent = -4;
constexpr int kHexDigits = kBinary64.fraction_bits / 4;

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
  return general_layout(number, precision, conversion.is_alternative);
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
  const bool has_point = layout.last < layout.unit || conversion.is_alternative;
  const int length = layout.first - layout.last + 1 + (has_point ? 1 : 0) +
                     (layout.has_exponent ? exponent.length() : 0);
  const Prefix prefix = sign_of(conversion, is_negative(value.image()));
  put_before(text, conversion, prefix, length);
  for (int place = layout.first; place >= layout.last; --place) {
    text.put(char('0' + number.digit(place)));
    if (place == layout.unit && has_point) text.put('.');
  }
  if (layout.has_exponent) exponent.put(text);
  put_after(text, conversion, prefix, length);
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
  const bool has_point = number.behind > 0 || conversion.is_alternative;
  const int length = 1 + (has_point ? 1 : 0) + number.behind + exponent.length();
  Prefix prefix = sign_of(conversion, is_negative(value.image()));
  prefix.text[prefix.length++] = '0';
  prefix.text[prefix.length++] = 'x';
  const int there = number.behind < kHexDigits ? number.behind : kHexDigits;
  put_before(text, conversion, prefix, length);
  for (int digit = there; digit >= 0; --digit) {
    text.put("0123456789abcdef"[number.digits >> (4 * digit) & 15]);
    if (digit == there && has_point) text.put('.');
  }
  text.fill('0', number.behind - there);
  exponent.put(text);
  put_after(text, conversion, prefix, length);
}

void put_word(Text& text, Conversion conversion, const char* word, bool is_negative) {
  constexpr int kLength = 3;
  conversion.has_zeros = false;
  const Prefix sign = sign_of(conversion, is_negative);
  put_before(text, conversion, sign, kLength);
  text.put(word);
  put_after(text, conversion, sign, kLength);
}

}  // namespace

int print(char* to, size_t size, const char* format, Double value) {
  const Conversion conversion = take_conversion(&format);
  Text text(to, size);
  text.set_upper(conversion.is_upper);
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
