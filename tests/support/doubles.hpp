// SPDX-License-Identifier: GPL-2.0-or-later
// The machine's doubles beside the software's: conversions, and the numbers that tests try.
//
// NFLUA_DOUBLE_ROUNDS=N tries N times as many random numbers.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "lua/double/double.hpp"

namespace nflua::test {

inline soft::Double soft_of(double value) {
  return soft::Double::of_image(std::bit_cast<uint64_t>(value));
}

inline double machine_of(soft::Double value) { return std::bit_cast<double>(value.image()); }

inline uint64_t image_of(double value) { return std::bit_cast<uint64_t>(value); }
inline double of_image(uint64_t image) { return std::bit_cast<double>(image); }

/// Bit for bit, but one NaN is as good as another.
inline bool is_same(soft::Double ours, double theirs) {
  if (std::isnan(theirs)) return std::isnan(machine_of(ours));
  return ours.image() == image_of(theirs);
}

/// For messages: exact.
inline std::string text_of(double value) {
  char text[64];
  snprintf(text, sizeof text, "%a", value);
  return text;
}
inline std::string text_of(soft::Double value) { return text_of(machine_of(value)); }

inline size_t times_rounds(size_t count) {
  const char* rounds = getenv("NFLUA_DOUBLE_ROUNDS");
  return rounds ? count * strtoul(rounds, nullptr, 10) : count;
}

/// Bounds of everything, both signs of each: zero, subnormals, powers of two where integers end,
/// multiples of π, infinity, quiet and signalling NaN; and some of what people write.
inline std::vector<double> special_doubles() {
  std::vector<uint64_t> images{
      0, 1, 2, 3, 0x7ff8000000000000, 0x7ff8000000001234, 0x7ff0000000000001};
  const auto with_neighbours = [&images](double value) {
    const uint64_t image = image_of(value);
    for (const uint64_t near : {image - 1, image, image + 1}) images.push_back(near);
  };
  for (const double value : {0x1p-1022, 0x1p-1074 * 0x1p51,
                             0x1p-537,  0x1p-538,
                             0x1p-53,   0x1p-52,
                             0.1,       0.25,
                             0.5,       1.0,
                             1.5,       2.0,
                             2.5,       3.0,
                             M_PI / 4,  M_PI / 2,
                             M_PI,      10.0,
                             0x1p31,    0x1p32,
                             0x1p52,    0x1p53,
                             0x1p54,    0x1p62,
                             0x1p63,    0x1p64,
                             0x1p511,   0x1p512,
                             0x1p1023})
    with_neighbours(value);
  with_neighbours(HUGE_VAL);
  std::vector<double> all;
  for (const uint64_t image : images) {
    all.push_back(of_image(image));
    all.push_back(-of_image(image));
  }
  return all;
}

class RandomDoubles {
 public:
  explicit RandomDoubles(uint64_t seed) : random_(seed) {}

  uint64_t bits() { return random_(); }
  int between(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }
  double uniform(double least, double most) {
    return std::uniform_real_distribution<double>(least, most)(random_);
  }

  /// Any image.
  double any() { return of_image(bits()); }
  /// Any significand with an exponent of that range; subnormals from -1023 downwards.
  double with_exponent(int least, int most) {
    return std::ldexp(1 + double(bits() >> 12) * 0x1p-52, between(least, most)) * sign();
  }
  /// Few bits set or clear, so that results are exact or halfway between two doubles.
  double sparse(int least, int most) {
    uint64_t fraction = uint64_t{1} << between(0, 51);
    if (bits() & 1) fraction |= uint64_t{1} << between(0, 51);
    if (bits() & 1) fraction = ~fraction & ((uint64_t{1} << 52) - 1);
    return std::ldexp(1 + double(fraction) * 0x1p-52, between(least, most)) * sign();
  }
  double subnormal() { return of_image(bits() >> between(12, 63)) * sign(); }
  /// One of all that.
  double mixed() {
    switch (between(0, 4)) {
      case 0:
        return with_exponent(-70, 70);
      case 1:
        return sparse(-60, 60);
      case 2:
        return subnormal();
      case 3:
        return double(int64_t(bits()) >> between(0, 62));
      default:
        return any();
    }
  }
  double sign() { return bits() & 1 ? 1 : -1; }

 private:
  std::mt19937_64 random_;
};

}  // namespace nflua::test
