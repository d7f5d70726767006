// SPDX-License-Identifier: GPL-2.0-or-later
// Source: C11 7.22.1.3; the exact value of a numeral of any length decides how it is rounded.
#include "lua/double/decimal.hpp"
#include "lua/double/double.hpp"

namespace nflua::soft {

namespace {

/// Beyond the exponent of any number that isn't 0 or infinite, less than any sum of some overflows.
constexpr long long kExponentBound = 1LL << 40;
/// The places of first digits that a double can have, and one more.
constexpr int kGreatestPlace = 309, kLeastPlace = -325;
/// Bits of a whole number that are enough to round it by.
constexpr int kEnoughBits = kBinary64.fraction_bits + 3;
constexpr int kHexDigitBits = 4;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Of letters only.
char lower(char c) { return char(c | ('a' - 'A')); }

/// Its value, or -1.
int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// The numeral between sign and exponent: digits with at most one point.
struct Numeral {
  const char* end;
  bool has_digits;
  long long exponent;  // of the last digit that was kept
};

/// The exponent behind the letter at *at; 0 if there is none, and *at stays.
long long exponent_at(const char** at, char letter) {
  const char* text = *at;
  if (lower(*text) != letter) return 0;
  ++text;
  const bool is_negative = *text == '-';
  if (*text == '-' || *text == '+') ++text;
  if (!is_digit(*text)) return 0;
  long long exponent = 0;
  for (; is_digit(*text); ++text)
    if (exponent < kExponentBound) exponent = exponent * 10 + (*text - '0');
  *at = text;
  return is_negative ? -exponent : exponent;
}

/// Calls take(text) for each digit; it returns whether it kept it. `is_one`: what a digit is.
template <class IsDigit, class Take>
Numeral each_digit(const char* text, IsDigit is_one, Take take) {
  Numeral numeral{text, false, 0};
  bool is_behind_point = false;
  for (;; ++text) {
    if (*text == '.' && !is_behind_point) {
      is_behind_point = true;
      continue;
    }
    if (!is_one(*text)) break;
    numeral.has_digits = true;
    numeral.exponent += (take(*text) ? 0 : 1) - (is_behind_point ? 1 : 0);
  }
  numeral.end = text;
  return numeral;
}

int bounded(long long exponent) {
  constexpr int kFar = 1 << 20;
  if (exponent > kFar) return kFar;
  return exponent < -kFar ? -kFar : int(exponent);
}

uint64_t hexadecimal(const char* text, const char** end) {
  uint64_t significand = 0;
  bool sticky = false;
  const auto take = [&](char c) {
    const auto digit = unsigned(hex_digit(c));
    if (significand >> (64 - kHexDigitBits) != 0) {
      sticky |= digit != 0;
      return false;
    }
    significand = significand << kHexDigitBits | digit;
    return true;
  };
  const Numeral numeral = each_digit(
      text, [](char c) { return hex_digit(c) >= 0; }, take);
  if (!numeral.has_digits) return 0;
  *end = numeral.end;
  const long long exponent = numeral.exponent * kHexDigitBits + exponent_at(end, 'p');
  return rounded_image(significand, bounded(exponent), sticky);
}

/// Doubles or halves until the part before the point has bits enough, and returns it rounded.
uint64_t nearest(Decimal& number) {
  int exponent = 0;
  constexpr int kLimbs = 2;  // as many as fit into 64 bits
  for (; number.whole_limbs() > kLimbs; exponent += kMaxHalvings) number.halve(kMaxHalvings);
  for (; number.whole_limbs() < kLimbs; exponent -= kMaxDoublings)
    number.multiply(1u << kMaxDoublings);
  while (number.whole() >> kEnoughBits == 0) {
    const int missing = 63 - kEnoughBits;
    exponent -= missing;
    number.multiply(1u << missing);
  }
  return rounded_image(number.whole(), exponent, number.has_fraction());
}

uint64_t decimal(const char* text, const char** end) {
  Decimal number;
  int digits = 0;
  bool sticky = false;
  const auto take = [&](char c) {
    if (digits == 0 && c == '0') return true;  // leading zeros
    if (digits == kMaxNumeralDigits) {
      sticky |= c != '0';
      return false;
    }
    number.append(unsigned(c - '0'));
    ++digits;
    return true;
  };
  const Numeral numeral = each_digit(text, is_digit, take);
  if (!numeral.has_digits) return 0;
  *end = numeral.end;
  const int exponent = bounded(numeral.exponent + exponent_at(end, 'e'));
  if (digits == 0 || exponent + digits - 1 < kLeastPlace) return 0;
  if (exponent + digits - 1 > kGreatestPlace) return kInfinity;
  number.finish(digits, exponent, sticky);
  return nearest(number);
}

}  // namespace

Double parse(const char* text, char** end) {
  const char* at = text;
  while (is_space(*at)) ++at;
  const uint64_t sign = *at == '-' ? kSign : 0;
  if (*at == '-' || *at == '+') ++at;
  const char* stop = text;
  uint64_t size = 0;
  if (at[0] == '0' && lower(at[1]) == 'x') size = hexadecimal(at + 2, &stop);
  if (stop == text) size = decimal(at, &stop);
  *end = const_cast<char*>(stop);
  return Double::of_image(stop == text ? 0 : sign | size);
}

}  // namespace nflua::soft
