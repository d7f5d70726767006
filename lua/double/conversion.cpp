// SPDX-License-Identifier: GPL-2.0-or-later
// From and to integers and binary32; to the integer nearby; significand and exponent apart.
#include "lua/double/double.hpp"

namespace nflua::soft {

namespace {

/// Bits of a significand that stand behind the point of a number from 1 on.
/// Requires: 1 ≤ |x| < 2^52.
uint64_t fraction_mask(uint64_t magnitude_image) {
  const int whole_bits = int(magnitude_image >> kBinary64.fraction_bits) - kBinary64.bias();
  return (kImplicitBit - 1) >> whole_bits;
}

bool is_whole(uint64_t magnitude_image) {
  constexpr uint64_t kFirst = uint64_t(kBinary64.bias() + kBinary64.fraction_bits)
                              << kBinary64.fraction_bits;
  return magnitude_image >= kFirst || magnitude_image == 0;
}

/// The integer before x, or the next one in the direction of x's sign.
uint64_t whole(uint64_t image, bool away_from_zero) {
  const uint64_t size = magnitude(image);
  if (is_nan(image)) return image | kQuiet;
  if (is_whole(size)) return image;
  if (size < kOne) return (image & kSign) | (away_from_zero ? kOne : 0);
  const uint64_t mask = fraction_mask(size);
  // A carry out of the fraction is right in the exponent.
  return (away_from_zero ? image + mask : image) & ~mask;
}

/// A number's significand with another exponent. Requires: finite, not 0.
Double with_exponent(uint64_t image, uint64_t significand, int exponent) {
  return Double::of_image((image & kSign) | rounded_image(significand, exponent, false));
}

}  // namespace

uint64_t image_of_unsigned(unsigned long long value) { return rounded_image(value, 0, false); }

uint64_t image_of_signed(long long value) {
  if (value >= 0) return rounded_image((unsigned long long)(value), 0, false);
  return kSign | rounded_image(0 - (unsigned long long)(value), 0, false);
}

long long truncated(uint64_t image) {
  constexpr long long kMisfit = -__LONG_LONG_MAX__ - 1;
  constexpr int kSpare = 63 - kBinary64.fraction_bits;
  if (!is_finite(image)) return kMisfit;
  const Parts parts = parts_of(magnitude(image));
  if (parts.exponent >= kSpare) return kMisfit;
  uint64_t size = 0;
  if (parts.exponent >= 0)
    size = parts.significand << parts.exponent;
  else if (parts.exponent > -64)
    size = parts.significand >> -parts.exponent;
  return (long long)(is_negative(image) ? 0 - size : size);
}

uint64_t widened(uint32_t binary32) {
  constexpr int kMore = kBinary64.fraction_bits - kBinary32.fraction_bits;
  const uint64_t size = binary32 & ~kBinary32.sign();
  const uint64_t sign = binary32 & kBinary32.sign() ? kSign : 0;
  if (size > kBinary32.infinity())  // its low bits come along
    return sign | kInfinity | kQuiet | (size - kBinary32.infinity()) << kMore;
  if (size == kBinary32.infinity()) return sign | kInfinity;
  const Parts parts = parts_of(size, kBinary32);
  return sign | rounded_image(parts.significand, parts.exponent, false);
}

uint32_t narrowed(uint64_t image) {
  constexpr int kFewer = kBinary64.fraction_bits - kBinary32.fraction_bits;
  const uint64_t size = magnitude(image);
  const uint64_t sign = is_negative(image) ? kBinary32.sign() : 0;
  if (is_nan(image)) {
    const uint64_t payload = (size & (kImplicitBit - 1)) >> kFewer;
    return uint32_t(sign | kBinary32.infinity() | kBinary32.quiet() | payload);
  }
  if (size == kInfinity) return uint32_t(sign | kBinary32.infinity());
  const Parts parts = parts_of(size);
  return uint32_t(sign | rounded_image(parts.significand, parts.exponent, false, kBinary32));
}

Double fabs(Double x) { return Double::of_image(magnitude(x.image())); }

Double floor(Double x) { return Double::of_image(whole(x.image(), is_negative(x.image()))); }

Double ceil(Double x) { return Double::of_image(whole(x.image(), !is_negative(x.image()))); }

Double frexp(Double x, int* exponent) {
  const uint64_t image = x.image();
  *exponent = 0;
  if (is_nan(image)) return Double::of_image(image | kQuiet);
  if (magnitude(image) == 0 || !is_finite(image)) return x;
  constexpr int kBits = 64;
  const Parts parts = normalized_parts_of(magnitude(image));
  *exponent = parts.exponent + kBits;
  return with_exponent(image, parts.significand, -kBits);
}

Double ldexp(Double x, int exponent) {
  const uint64_t image = x.image();
  if (is_nan(image)) return Double::of_image(image | kQuiet);
  if (magnitude(image) == 0 || !is_finite(image)) return x;
  // From any number to beyond any other.
  constexpr int kFar = 4 * kBinary64.bias();
  if (exponent > kFar) exponent = kFar;
  if (exponent < -kFar) exponent = -kFar;
  const Parts parts = parts_of(magnitude(image));
  return with_exponent(image, parts.significand, parts.exponent + exponent);
}

}  // namespace nflua::soft
