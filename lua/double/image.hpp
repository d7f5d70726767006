// SPDX-License-Identifier: GPL-2.0-or-later
// Images of IEEE 754 numbers: sign, biased exponent and fraction in one unsigned integer; and how a
// result that is known more exactly becomes one.
//
// What is not a finite number has the greatest exponent. A NaN that an operation makes has the sign
// that an x86 gives it, so that string.pack() shows the same bytes in a kernel as outside.
// Source: IEEE 754-2019 sections 3.4, 4.3.1, 6.2; Intel's Software Developer's Manual, 4.8.3.5.
#pragma once

#include <stdint.h>

namespace nflua::soft {

struct Format {
  int fraction_bits;
  int exponent_bits;

  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  constexpr int greatest_exponent() const { return (1 << exponent_bits) - 1; }
  constexpr uint64_t infinity() const { return uint64_t(greatest_exponent()) << fraction_bits; }
  constexpr uint64_t sign() const { return uint64_t{1} << (fraction_bits + exponent_bits); }
  /// Tells a quiet NaN from a signalling one.
  constexpr uint64_t quiet() const { return uint64_t{1} << (fraction_bits - 1); }
};

constexpr Format kBinary32{23, 8};
constexpr Format kBinary64{52, 11};

inline constexpr uint64_t kSign = kBinary64.sign();
inline constexpr uint64_t kInfinity = kBinary64.infinity();
inline constexpr uint64_t kQuiet = kBinary64.quiet();
inline constexpr uint64_t kMadeNan = kSign | kInfinity | kQuiet;
inline constexpr uint64_t kImplicitBit = uint64_t{1} << kBinary64.fraction_bits;
inline constexpr uint64_t kOne = uint64_t(kBinary64.bias()) << kBinary64.fraction_bits;

constexpr uint64_t magnitude(uint64_t image) { return image & ~kSign; }
constexpr bool is_negative(uint64_t image) { return image & kSign; }
constexpr bool is_nan(uint64_t image) { return magnitude(image) > kInfinity; }
constexpr bool is_signalling(uint64_t image) { return is_nan(image) && !(image & kQuiet); }
constexpr bool is_finite(uint64_t image) { return magnitude(image) < kInfinity; }

/// A finite number without its sign: significand × 2^exponent.
struct Parts {
  uint64_t significand;
  int exponent;
};

/// Requires: the image of a finite number of that format, without its sign.
constexpr Parts parts_of(uint64_t image, Format format = kBinary64) {
  const int field = int(image >> format.fraction_bits);
  const uint64_t implicit = uint64_t{1} << format.fraction_bits;
  const uint64_t fraction = image & (implicit - 1);
  const int unit = 1 - format.bias() - format.fraction_bits;
  if (field == 0) return {fraction, unit};
  return {implicit | fraction, unit + field - 1};
}

/// The same with the significand's top bit set. Requires: not 0.
constexpr Parts normalized_parts_of(uint64_t image) {
  const Parts parts = parts_of(image);
  const int shift = __builtin_clzll(parts.significand);
  return {parts.significand << shift, parts.exponent - shift};
}

/// The image nearest to significand × 2^exponent, the even one of two. `sticky`: the exact result
/// is a little greater, by less than the significand's last bit.
[[gnu::always_inline]] constexpr uint64_t rounded_image(uint64_t significand, int exponent,
                                                        bool sticky, Format format = kBinary64) {
  constexpr int kBits = 64;
  if (significand == 0) return 0;
  const int shift = __builtin_clzll(significand);
  significand <<= shift;
  int field = exponent - shift + (kBits - 1) + format.bias();
  int dropped = kBits - 1 - format.fraction_bits;
  if (field >= format.greatest_exponent()) return format.infinity();
  if (field <= 0) {  // subnormal: fewer bits stay
    dropped += 1 - field;
    field = 0;
  }
  if (dropped > kBits) return 0;
  const uint64_t kept = dropped < kBits ? significand >> dropped : 0;
  const uint64_t rest = dropped < kBits ? significand << (kBits - dropped) : significand;
  const uint64_t half = uint64_t{1} << (kBits - 1);
  const bool up = rest > half || (rest == half && (sticky || (kept & 1)));
  // The bit that an image leaves out adds one to the field. So does a carry, up to infinity.
  const uint64_t base = field ? uint64_t(field - 1) << format.fraction_bits : 0;
  return base + kept + up;
}

}  // namespace nflua::soft
