// SPDX-License-Identifier: GPL-2.0-or-later
// Powers and logarithms: all by way of base 2, where integers are exact.
#include "lua/double/wide.hpp"

namespace nflua::soft {

namespace {

constexpr Wide kLn2{joined(0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af), -128, false};
constexpr Wide kLog2OfE{joined(0xb8aa3b295c17f0bb, 0xbe87fed0691d3e89), -127, false};
constexpr Wide kLog10Of2{joined(0x9a209a84fbcff798, 0x8f8959ac0b7c9178), -129, false};
/// The significand of √2 with its first 64 bits: where the halves of a doubling part.
constexpr uint128_t kRootOf2 = joined(0xb504f333f9de6484, 0);

/// Terms until the next is below 2^-128: of e^x up to x = ln 2, of the area of a tangent up to
/// (√2 - 1) / (√2 + 1).
constexpr auto kExponentials = reciprocal_factorials<32>(0, 1);
constexpr auto kAreas = odd_reciprocals<26>();

/// Beyond any result, in either direction.
constexpr int kFarExponent = 1 << 14;
/// Bits of a whole exponent that isn't far beyond.
constexpr int kWholeBits = 12;

/// Requires: positive.
Wide log2_of(Wide x) {
  int whole = x.exponent + 127;
  x.exponent = -127;
  if (x.significand > kRootOf2) {
    --x.exponent;
    ++whole;
  }
  const Wide tangent = (x - kWideOne) / (x + kWideOne);
  const uint128_t square = fraction_of(tangent * tangent);
  const Wide area = tangent * Wide{sum_of(kAreas, square, Signs::all_plus), -127, false};
  return wide(whole) + scaled(area, 1) * kLog2OfE;
}

Wide exp2_of(const Wide& x) {
  const int whole_bits = x.exponent + 128;
  if (x.is_zero()) return kWideOne;
  if (whole_bits > kWholeBits)
    return {kTopBit, x.is_negative ? -kFarExponent : kFarExponent, false};
  int whole = whole_bits > 0 ? int(x.significand >> (128 - whole_bits)) : 0;
  uint128_t fraction = whole_bits > 0 ? x.significand << whole_bits : fraction_of(x);
  if (x.is_negative) {
    whole = -whole - (fraction != 0);
    fraction = -fraction;
  }
  const uint128_t power = high_product(fraction, kLn2.significand);
  return {sum_of(kExponentials, power, Signs::all_plus), whole - 127, false};
}

/// A logarithm times that of 2 in the base wanted.
Double logarithm(Double x, const Wide& scale) {
  const uint64_t image = x.image();
  if (is_nan(image)) return Double::of_image(image | kQuiet);
  if (magnitude(image) == 0) return -kHuge;
  if (is_negative(image)) return Double::of_image(kMadeNan);
  if (!is_finite(image)) return x;
  return rounded(log2_of(wide(x)) * scale);
}

enum class Parity { even, odd, fraction };

Parity parity_of(Double y) {
  const uint64_t size = magnitude(y.image());
  if (size == 0) return Parity::even;
  const Parts parts = parts_of(size);
  const int last = parts.exponent + __builtin_ctzll(parts.significand);
  if (last != 0) return last > 0 ? Parity::even : Parity::fraction;
  return Parity::odd;
}

/// |x| to the power of y where one is infinite, or |x| is 0.
Double extreme_power(Double size, Double y) {
  if (size == Double(1)) return size;
  const bool grows = (size > Double(1)) == (y > Double(0));
  return grows ? kHuge : Double(0);
}

}  // namespace

Double exp(Double x) {
  const uint64_t image = x.image();
  if (is_nan(image)) return Double::of_image(image | kQuiet);
  if (!is_finite(image)) return is_negative(image) ? Double(0) : x;
  return rounded(exp2_of(wide(x) * kLog2OfE));
}

Double log(Double x) { return logarithm(x, kLn2); }
Double log2(Double x) { return logarithm(x, kWideOne); }
Double log10(Double x) { return logarithm(x, kLog10Of2); }

Double pow(Double x, Double y) {
  const bool is_signalled = is_signalling(x.image()) || is_signalling(y.image());
  if (!is_signalled && (x == Double(1) || y == Double(0))) return 1;
  if (is_nan(x.image())) return Double::of_image(x.image() | kQuiet);
  if (is_nan(y.image())) return Double::of_image(y.image() | kQuiet);
  const Double size = fabs(x);
  const Parity parity = is_finite(y.image()) ? parity_of(y) : Parity::even;
  const bool is_ordinary = is_finite(x.image()) && is_finite(y.image()) && size != Double(0);
  if (is_ordinary && size != x && parity == Parity::fraction) return Double::of_image(kMadeNan);
  const Double result =
      is_ordinary ? rounded(exp2_of(wide(y) * log2_of(wide(size)))) : extreme_power(size, y);
  return is_negative(x.image()) && parity == Parity::odd ? -result : result;
}

}  // namespace nflua::soft
