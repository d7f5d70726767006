// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers of 128 significant bits, for what is computed before it is rounded to 53.
//
// Results are cut off: each operation errs by less than 2^-126 of its result. A sum of operands of
// unlike signs errs by that part of the greater one; nothing at all if no bit of the lesser one
// lies below the greater one's last. Invariants: the significand's top bit is set, or it is all
// zero. Exponents never come near the bounds of an int.
#pragma once

#include <stddef.h>

#include "lua/double/double.hpp"

namespace nflua::soft {

using uint128_t = unsigned __int128;

constexpr uint128_t joined(uint64_t high, uint64_t low) { return uint128_t(high) << 64 | low; }

/// floor(a × b / 2^128)
uint128_t high_product(uint128_t a, uint128_t b);

/// (-1)^is_negative × significand × 2^exponent
struct Wide {
  uint128_t significand;
  int exponent;
  bool is_negative;

  bool is_zero() const { return significand == 0; }
  Wide operator-() const { return {significand, exponent, !is_negative}; }
};

inline constexpr uint128_t kTopBit = uint128_t{1} << 127;
constexpr Wide kWideOne{kTopBit, -127, false};

/// With the top bit set.
Wide normalized(uint128_t significand, int exponent, bool is_negative);
/// Requires: finite.
Wide wide(Double value);
Wide wide(int value);

Wide operator+(const Wide& a, const Wide& b);
inline Wide operator-(const Wide& a, const Wide& b) { return a + -b; }
Wide operator*(const Wide& a, const Wide& b);
/// Requires: not by 0.
Wide operator/(const Wide& dividend, const Wide& divisor);
/// Requires: not negative.
Wide sqrt(const Wide& value);
/// × 2^exponent.
inline Wide scaled(const Wide& value, int exponent) {
  return {value.significand, value.exponent + exponent, value.is_negative};
}
/// |a| < |b|
bool is_smaller(const Wide& a, const Wide& b);

/// What is within this many units of 2^-64 of a number of 64 significant bits counts as that
/// number, so that results that are representable, or halfway between two that are, are rounded as
/// they should.
inline constexpr uint64_t kDoubt = 1 << 24;

/// To the nearest; ties to even.
Double rounded(const Wide& value, uint64_t doubt = kDoubt);

/// floor(|value| × 2^128). Requires: |value| < 1.
uint128_t fraction_of(const Wide& value);

/// Coefficients of a power series, times 2^127, none above 1.
template <size_t kTerms>
struct Series {
  uint128_t terms[kTerms];
};

enum class Signs { all_plus, alternating };

/// The sum of terms[n] × x^n, times 2^127. `x` is times 2^128.
/// Requires: no partial sum, from the last term on, is negative or reaches 2.
template <size_t kTerms>
inline uint128_t sum_of(const Series<kTerms>& series, uint128_t x, Signs signs) {
  uint128_t sum = series.terms[kTerms - 1];
  for (size_t n = kTerms - 1; n-- > 0;) {
    const uint128_t rest = high_product(x, sum);
    sum = signs == Signs::alternating ? series.terms[n] - rest : series.terms[n] + rest;
  }
  return sum;
}

/// 1/1 ± x/3 ± x²/5 …: the areas and angles by their tangents.
template <size_t kTerms>
consteval Series<kTerms> odd_reciprocals() {
  Series<kTerms> series{};
  for (size_t n = 0; n < kTerms; ++n) series.terms[n] = kTopBit / (2 * n + 1);
  return series;
}

/// 1/first! ± x/(first + step)! ± x²/(first + 2 step)! …
template <size_t kTerms>
consteval Series<kTerms> reciprocal_factorials(size_t first, size_t step) {
  Series<kTerms> series{};
  uint128_t term = kTopBit;
  size_t factor = 1;
  for (size_t n = 0; n < kTerms; ++n) {
    for (; factor <= first + n * step; ++factor) term /= factor;
    series.terms[n] = term;
  }
  return series;
}

}  // namespace nflua::soft
