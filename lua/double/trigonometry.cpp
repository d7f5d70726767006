// SPDX-License-Identifier: GPL-2.0-or-later
#include "lua/double/wide.hpp"

namespace nflua::soft {

namespace {

constexpr Wide kPi{joined(0xc90fdaa22168c234, 0xc4c6628b80dc1cd1), -126, false};
constexpr Wide kHalfPi = {kPi.significand, kPi.exponent - 1, false};
constexpr Wide kQuarterPi = {kPi.significand, kPi.exponent - 2, false};
constexpr Wide kAngleOfHalf{joined(0xed63382b0dda7b45, 0x6fe445ecbc3a8d03), -129, false};

/// Terms until the next is below 2^-128: of the angle of a tangent up to 1/4, and up to π/4.
constexpr auto kAngles = odd_reciprocals<32>();
constexpr auto kSines = reciprocal_factorials<17>(1, 2);
constexpr auto kCosines = reciprocal_factorials<17>(0, 2);

/// The binary digits of 2/π, behind a word of zeros, for the greatest of doubles.
constexpr int kZeroDigits = 64;
constexpr uint64_t kTwoByPi[] = {
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
    0xa9e391615ee61b08,
    0x6599855f14a06840,
};

/// 64 of them from that place on.
uint64_t digits_at(int place) {
  const int word = place / 64, shift = place % 64;
  const uint64_t high = kTwoByPi[word] << shift;
  return shift ? high | kTwoByPi[word + 1] >> (64 - shift) : high;
}

/// x = angle + quadrant × π/2, |angle| ≤ π/4.
struct Reduced {
  Wide angle;
  unsigned quadrant;
};

/// x × 2/π modulo 4, from those digits alone that give its last two bits before the point, and 254
/// behind it: no double is so near to a multiple of π/2 that 128 of them would not be left.
Reduced reduced_by_digits(const Parts& x, bool is_negative) {
  constexpr int kWords = 4;
  uint64_t turns[kWords];  // the most significant first; two bits before the point
  const int place = x.exponent - 2 + kZeroDigits;
  uint128_t carry = 0;
  for (int i = kWords; i-- > 0;) {
    carry += uint128_t(x.significand) * digits_at(place + 64 * i);
    turns[i] = uint64_t(carry);
    carry >>= 64;
  }
  unsigned quadrant = unsigned(turns[0] >> 62);
  uint128_t high = joined(turns[0], turns[1]) << 2 | turns[2] >> 62;
  uint128_t low = joined(turns[2], turns[3]) << 2;
  const bool is_past_half = high & kTopBit;
  if (is_past_half) {
    ++quadrant;
    high = ~high;
    low = ~low;
  }
  const bool is_below = is_negative != is_past_half;
  const Wide fraction = normalized(high, -128, is_below) + normalized(low, -256, is_below);
  return {fraction * kHalfPi, is_negative ? 0u - quadrant : quadrant};
}

/// Requires: finite.
Reduced reduced(Double x) {
  const Wide all = wide(x);
  if (!is_smaller(kQuarterPi, all)) return {all, 0};
  return reduced_by_digits(parts_of(magnitude(x.image())), all.is_negative);
}

Wide sine(const Wide& angle) {
  const uint128_t square = fraction_of(angle * angle);
  return angle * normalized(sum_of(kSines, square, Signs::alternating), -127, false);
}

Wide cosine(const Wide& angle) {
  const uint128_t square = fraction_of(angle * angle);
  return normalized(sum_of(kCosines, square, Signs::alternating), -127, false);
}

/// sin(x + quarters × π/2)
Double sine_of(Double x, unsigned quarters) {
  const Reduced by = reduced(x);
  const unsigned quadrant = by.quadrant + quarters;
  const Wide result = quadrant % 2 ? cosine(by.angle) : sine(by.angle);
  return rounded(quadrant & 2 ? -result : result);
}

Double not_an_angle(Double x) {
  return Double::of_image(is_nan(x.image()) ? x.image() | kQuiet : kMadeNan);
}

/// The angle up to π/4 of the tangent opposite / adjacent.
/// Requires: neither negative; opposite ≤ adjacent, not 0.
Wide eighth_angle(const Wide& opposite, const Wide& adjacent) {
  Wide turned{};  // by which the rest is within a tangent of 1/4
  Wide tangent{};
  if (is_smaller(scaled(opposite, 2), adjacent)) {
    tangent = opposite / adjacent;
  } else if (is_smaller(scaled(opposite, 2), adjacent + scaled(adjacent, 1))) {
    turned = kAngleOfHalf;
    tangent = (scaled(opposite, 1) - adjacent) / (scaled(adjacent, 1) + opposite);
  } else {
    turned = kQuarterPi;
    tangent = (opposite - adjacent) / (opposite + adjacent);
  }
  const uint128_t square = fraction_of(tangent * tangent);
  return turned + tangent * normalized(sum_of(kAngles, square, Signs::alternating), -127, false);
}

/// The direction of the point (x, y). Requires: not both 0.
Wide direction(const Wide& y, const Wide& x) {
  const Wide up{y.significand, y.exponent, false}, right{x.significand, x.exponent, false};
  Wide angle = is_smaller(right, up) ? kHalfPi - eighth_angle(right, up) : eighth_angle(up, right);
  if (x.is_negative) angle = kPi - angle;
  return {angle.significand, angle.exponent, y.is_negative};
}

/// √(1 - x²), exact before the root. Requires: |x| ≤ 1.
Wide other_leg(Double x) {
  const Wide leg = wide(x);
  return sqrt((kWideOne - leg) * (kWideOne + leg));
}

bool is_above_one(Double x) { return magnitude(x.image()) > kOne; }

}  // namespace

Double sin(Double x) { return is_finite(x.image()) ? sine_of(x, 0) : not_an_angle(x); }

Double cos(Double x) { return is_finite(x.image()) ? sine_of(x, 1) : not_an_angle(x); }

Double tan(Double x) {
  if (!is_finite(x.image())) return not_an_angle(x);
  const Reduced by = reduced(x);
  const Wide up = sine(by.angle), right = cosine(by.angle);
  return rounded(by.quadrant % 2 ? -(right / up) : up / right);
}

Double asin(Double x) {
  if (is_above_one(x)) return not_an_angle(x);
  return rounded(direction(wide(x), other_leg(x)));
}

Double acos(Double x) {
  if (is_above_one(x)) return not_an_angle(x);
  return rounded(direction(other_leg(x), wide(x)));
}

Double atan2(Double y, Double x) {
  if (is_nan(x.image()) || is_nan(y.image())) return not_an_angle(is_nan(x.image()) ? x : y);
  // What is infinite or 0 tells no more than a direction.
  const auto leg = [](Double own, Double other) {
    const uint64_t sign = own.image() & kSign;
    if (is_finite(own.image()) && is_finite(other.image())) return wide(own);
    return wide(Double::of_image(is_finite(own.image()) ? sign : sign | kOne));
  };
  Wide up = leg(y, x), right = leg(x, y);
  if (up.is_zero() && right.is_zero()) right = Wide{kTopBit, 0, right.is_negative};
  return rounded(direction(up, right));
}

}  // namespace nflua::soft
