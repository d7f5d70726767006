// SPDX-License-Identifier: GPL-2.0-or-later
#include "lua/double/wide.hpp"

namespace nflua::soft {

namespace {

constexpr int leading_zeros(uint128_t value) {
  const auto high = uint64_t(value >> 64);
  return high ? __builtin_clzll(high) : 64 + __builtin_clzll(uint64_t(value));
}

/// 2^255 / x, a little less. Newton's iteration from below, which doubles the bits that are right.
/// Requires: top bit set.
uint128_t reciprocal(uint128_t x) {
  constexpr int kSteps = 3;  // from 30 bits
  const uint64_t top = uint64_t(x >> 96) + 1;
  uint128_t result = uint128_t((uint64_t{1} << 63) / top) << 96;
  for (int i = 0; i < kSteps; ++i)
    result += high_product(result, kTopBit - high_product(x, result)) << 1;
  return result;
}

/// 2^191 / √x, a little less, in the same way. Requires: x ≥ 2^126.
uint128_t reciprocal_root(uint128_t x) {
  // 251/128 - 144/128 x lies below the curve, by 17 % at most.
  constexpr uint128_t kStart = uint128_t{251} << 120, kSlope = uint128_t{144} << 120;
  constexpr int kSteps = 6;
  uint128_t result = kStart - high_product(x, kSlope);
  for (int i = 0; i < kSteps; ++i) {
    const uint128_t should_be_one = high_product(x, high_product(result, result));
    result = high_product(result, 3 * (kTopBit >> 1) - should_be_one) << 1;
  }
  return result;
}

}  // namespace

uint128_t high_product(uint128_t a, uint128_t b) {
  const uint64_t a_high = uint64_t(a >> 64), a_low = uint64_t(a);
  const uint64_t b_high = uint64_t(b >> 64), b_low = uint64_t(b);
  const uint128_t outer = uint128_t(a_high) * b_low, inner = uint128_t(a_low) * b_high;
  const uint128_t carry = (uint128_t(a_low) * b_low >> 64) + uint64_t(outer) + uint64_t(inner);
  return uint128_t(a_high) * b_high + (outer >> 64) + (inner >> 64) + (carry >> 64);
}

Wide normalized(uint128_t significand, int exponent, bool is_negative) {
  if (significand == 0) return {0, 0, is_negative};
  const int shift = leading_zeros(significand);
  return {significand << shift, exponent - shift, is_negative};
}

Wide wide(Double value) {
  const Parts parts = parts_of(magnitude(value.image()));
  return normalized(parts.significand, parts.exponent, is_negative(value.image()));
}

Wide wide(int value) {
  const auto size = unsigned(value);
  return normalized(value < 0 ? 0u - size : size, 0, value < 0);
}

bool is_smaller(const Wide& a, const Wide& b) {
  if (a.is_zero() || b.is_zero()) return !b.is_zero();
  if (a.exponent != b.exponent) return a.exponent < b.exponent;
  return a.significand < b.significand;
}

Wide operator+(const Wide& a, const Wide& b) {
  if (is_smaller(a, b)) return b + a;
  if (b.is_zero()) return a;
  const int distance = a.exponent - b.exponent;
  const uint128_t less = distance < 128 ? b.significand >> distance : 0;
  if (a.is_negative != b.is_negative)
    return normalized(a.significand - less, a.exponent, a.is_negative);
  const uint128_t sum = a.significand + less;
  if (sum >= a.significand) return {sum, a.exponent, a.is_negative};
  return {sum >> 1 | kTopBit, a.exponent + 1, a.is_negative};
}

Wide operator*(const Wide& a, const Wide& b) {
  return normalized(high_product(a.significand, b.significand), a.exponent + b.exponent + 128,
                    a.is_negative != b.is_negative);
}

Wide operator/(const Wide& dividend, const Wide& divisor) {
  return normalized(high_product(dividend.significand, reciprocal(divisor.significand)),
                    dividend.exponent - divisor.exponent - 127,
                    dividend.is_negative != divisor.is_negative);
}

Wide sqrt(const Wide& value) {
  if (value.is_zero()) return value;
  const bool is_odd = value.exponent & 1;
  const uint128_t even = is_odd ? value.significand >> 1 : value.significand;
  const int exponent = is_odd ? value.exponent + 1 : value.exponent;
  return normalized(high_product(even, reciprocal_root(even)), exponent / 2 - 63, false);
}

Double rounded(const Wide& value, uint64_t doubt) {
  uint128_t significand = value.significand;
  int exponent = value.exponent;
  const uint128_t nudged = significand + doubt;
  if (nudged < significand) {  // it is a power of two
    significand = kTopBit;
    ++exponent;
  } else if (uint64_t(nudged) < 2 * doubt) {
    significand = nudged >> 64 << 64;
  }
  const uint64_t image =
      rounded_image(uint64_t(significand >> 64), exponent + 64, uint64_t(significand) != 0);
  return Double::of_image((value.is_negative ? kSign : 0) | image);
}

uint128_t fraction_of(const Wide& value) {
  if (value.is_zero()) return 0;
  const int distance = -(value.exponent + 128);
  return distance < 128 ? value.significand >> distance : 0;
}

Double sqrt(Double x) {
  const uint64_t image = x.image();
  if (is_nan(image)) return Double::of_image(image | kQuiet);
  if (magnitude(image) == 0 || image == kInfinity) return x;
  if (is_negative(image)) return Double::of_image(kMadeNan);
  // No root is halfway between two numbers, though some are nearer to that than kDoubt.
  return rounded(sqrt(wide(x)), 0);
}

}  // namespace nflua::soft
