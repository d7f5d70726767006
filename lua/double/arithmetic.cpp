// SPDX-License-Identifier: GPL-2.0-or-later
#include "lua/double/double.hpp"

namespace nflua::soft {

namespace {

/// Bits that a sum keeps below the last one of its operands: enough to round by, once for a
/// difference that loses its top bit.
constexpr int kGuardBits = 3;

/// What an operation makes of operands one of which is a NaN: that one, the first of two.
uint64_t propagated_nan(uint64_t a, uint64_t b) { return (is_nan(a) ? a : b) | kQuiet; }

/// Shifted right; what is lost shows in the last bit.
uint64_t shifted_jam(uint64_t value, int distance) {
  if (distance == 0) return value;
  if (distance > 63) return value != 0;
  return value >> distance | ((value << (64 - distance)) != 0);
}

/// Requires: |a| ≥ |b|, both finite.
uint64_t finite_sum(uint64_t a, uint64_t b) {
  const Parts more = parts_of(magnitude(a)), less = parts_of(magnitude(b));
  const uint64_t kept = more.significand << kGuardBits;
  const uint64_t added = shifted_jam(less.significand << kGuardBits, more.exponent - less.exponent);
  const uint64_t sign = a & kSign;
  const bool is_difference = is_negative(a ^ b);
  const uint64_t result = is_difference ? kept - added : kept + added;
  if (result == 0) return is_difference ? 0 : sign;
  return sign | rounded_image(result, more.exponent - kGuardBits, false);
}

}  // namespace

uint64_t sum(uint64_t a, uint64_t b) {
  if (is_nan(a) || is_nan(b)) return propagated_nan(a, b);
  if (magnitude(a) < magnitude(b)) {
    const uint64_t other = a;
    a = b;
    b = other;
  }
  if (is_finite(a)) return finite_sum(a, b);
  return is_finite(b) || a == b ? a : kMadeNan;
}

uint64_t product(uint64_t a, uint64_t b) {
  if (is_nan(a) || is_nan(b)) return propagated_nan(a, b);
  const uint64_t sign = (a ^ b) & kSign;
  a = magnitude(a);
  b = magnitude(b);
  if (!is_finite(a) || !is_finite(b)) return a && b ? sign | kInfinity : kMadeNan;
  if (a == 0 || b == 0) return sign;
  const Parts x = normalized_parts_of(a), y = normalized_parts_of(b);
  const auto exact = (unsigned __int128)(x.significand) * y.significand;
  return sign |
         rounded_image(uint64_t(exact >> 64), x.exponent + y.exponent + 64, uint64_t(exact) != 0);
}

uint64_t quotient(uint64_t dividend, uint64_t divisor) {
  if (is_nan(dividend) || is_nan(divisor)) return propagated_nan(dividend, divisor);
  const uint64_t sign = (dividend ^ divisor) & kSign;
  const uint64_t a = magnitude(dividend), b = magnitude(divisor);
  if (!is_finite(a)) return is_finite(b) ? sign | kInfinity : kMadeNan;
  if (!is_finite(b)) return sign;
  if (b == 0) return a ? sign | kInfinity : kMadeNan;
  if (a == 0) return sign;
  // Both with the implicit bit on top: the quotient of what is left has 55 or 56 bits.
  constexpr int kSpare = 63 - kBinary64.fraction_bits, kSteps = 5;
  const Parts x = normalized_parts_of(a), y = normalized_parts_of(b);
  const uint64_t by = y.significand >> kSpare;
  uint64_t rest = x.significand >> kSpare, result = rest / by;
  rest %= by;
  for (int i = 0; i < kSteps; ++i) {
    rest <<= kSpare;
    result = result << kSpare | rest / by;
    rest %= by;
  }
  return sign | rounded_image(result, x.exponent - y.exponent - kSteps * kSpare, rest != 0);
}

bool is_equal(uint64_t a, uint64_t b) {
  if (is_nan(a) || is_nan(b)) return false;
  return a == b || magnitude(a | b) == 0;
}

bool is_less(uint64_t a, uint64_t b) {
  if (is_nan(a) || is_nan(b) || magnitude(a | b) == 0) return false;
  if (is_negative(a) != is_negative(b)) return is_negative(a);
  return is_negative(a) ? a > b : a < b;
}

bool is_less_or_equal(uint64_t a, uint64_t b) { return is_less(a, b) || is_equal(a, b); }

Double fmod(Double dividend, Double divisor) {
  const uint64_t a = magnitude(dividend.image()), b = magnitude(divisor.image());
  if (is_nan(a) || is_nan(b))
    return Double::of_image(propagated_nan(dividend.image(), divisor.image()));
  if (!is_finite(a) || b == 0) return Double::of_image(kMadeNan);
  if (a < b) return dividend;
  const Parts x = parts_of(a), y = parts_of(b);
  uint64_t rest = x.significand % y.significand;
  constexpr int kSpare = 63 - kBinary64.fraction_bits;
  for (int left = x.exponent - y.exponent; left > 0; left -= kSpare)
    rest = (rest << (left < kSpare ? left : kSpare)) % y.significand;
  return Double::of_image((dividend.image() & kSign) | rounded_image(rest, y.exponent, false));
}

}  // namespace nflua::soft
