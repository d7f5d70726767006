// SPDX-License-Identifier: GPL-2.0-or-later
// lua/double/conversion.cpp against the machine's conversions and the C library.
#include <gtest/gtest.h>

#include <climits>

#include "tests/support/doubles.hpp"

namespace nflua {
namespace {

using soft::Double;
using soft::Float;
using test::image_of;
using test::is_same;
using test::RandomDoubles;
using test::soft_of;
using test::text_of;

/// Around each power of two, where bits get lost; and random ones.
std::vector<uint64_t> integers() {
  std::vector<uint64_t> all{0, 1, UINT64_MAX, uint64_t(INT64_MAX), uint64_t(INT64_MIN)};
  for (int bit = 1; bit < 64; ++bit)
    for (int near = -3; near <= 3; ++near) {
      const uint64_t value = (uint64_t{1} << bit) + uint64_t(near);
      all.push_back(value);
      all.push_back(-value);
      if (bit > 53) all.push_back(value + (uint64_t{1} << (bit - 53)));  // halfway
      if (bit > 53) all.push_back(value + (uint64_t{3} << (bit - 53)));
    }
  RandomDoubles random(1);
  for (size_t i = test::times_rounds(100'000); i > 0; --i)
    all.push_back(random.bits() >> random.between(0, 63));
  return all;
}

/// Special, random and nearly whole ones.
std::vector<double> doubles() {
  std::vector<double> all = test::special_doubles();
  RandomDoubles random(2);
  for (size_t i = test::times_rounds(100'000); i > 0; --i) {
    all.push_back(random.any());
    all.push_back(random.mixed());
    const double whole = double(int64_t(random.bits()) >> random.between(0, 63));
    for (const double value :
         {whole, whole + 0.5, std::nextafter(whole, 0), std::nextafter(whole, HUGE_VAL)})
      all.push_back(value);
  }
  return all;
}

TEST(DoubleConversion, integers_are_rounded_as_the_machine_does) {
  for (const uint64_t value : integers()) {
    ASSERT_EQ(Double((unsigned long long)(value)).image(), image_of(double(value))) << value;
    ASSERT_EQ(Double((long long)(value)).image(), image_of(double(int64_t(value)))) << value;
    ASSERT_EQ(Double(int(value)).image(), image_of(double(int(value)))) << value;
    ASSERT_EQ(Double(unsigned(value)).image(), image_of(double(unsigned(value)))) << value;
    ASSERT_EQ(Double(short(value)).image(), image_of(double(short(value)))) << value;
  }
}

TEST(DoubleConversion, numbers_are_cut_to_integers_as_the_machine_does) {
  for (const double value : doubles()) {
    // Beyond long long C leaves it open; an x86 gives the least one.
    const bool fits = value >= -0x1p63 && value < 0x1p63;
    ASSERT_EQ((long long)(soft_of(value)), fits ? (long long)(value) : LLONG_MIN) << text_of(value);
    if (value > -0x1p31 - 1 && value < 0x1p31) {
      ASSERT_EQ(int(soft_of(value)), int(value)) << text_of(value);
    }
  }
}

TEST(DoubleConversion, floor_ceil_and_fabs_are_the_librarys) {
  for (const double value : doubles()) {
    ASSERT_TRUE(is_same(soft::floor(soft_of(value)), std::floor(value))) << text_of(value);
    ASSERT_TRUE(is_same(soft::ceil(soft_of(value)), std::ceil(value))) << text_of(value);
    ASSERT_TRUE(is_same(soft::fabs(soft_of(value)), std::fabs(value))) << text_of(value);
  }
}

TEST(DoubleConversion, significand_and_exponent_come_apart_as_in_the_library) {
  for (const double value : doubles()) {
    int ours = 77, theirs = 0;
    ASSERT_TRUE(is_same(soft::frexp(soft_of(value), &ours), std::frexp(value, &theirs)))
        << text_of(value);
    ASSERT_EQ(ours, std::isfinite(value) ? theirs : 0) << text_of(value);
  }
}

TEST(DoubleConversion, scaling_by_powers_of_two_rounds_as_the_library) {
  RandomDoubles random(3);
  std::vector<int> exponents{0,     1,    -1,    52,   -52,   1023,    -1022,  1074,
                             -1074, 2098, -2098, 5000, -5000, INT_MAX, INT_MIN};
  for (const double value : doubles()) {
    exponents[0] = random.between(-1100, 1100);
    exponents[1] = -1060 - (std::isfinite(value) && value != 0 ? std::ilogb(value) : 0);
    for (const int exponent : exponents)
      ASSERT_TRUE(is_same(soft::ldexp(soft_of(value), exponent), std::ldexp(value, exponent)))
          << text_of(value) << " scaled by 2^" << exponent;
  }
}

TEST(DoubleConversion, binary32_is_made_and_read_as_the_machine_does) {
  std::vector<double> all = doubles();
  RandomDoubles random(4);
  for (size_t i = test::times_rounds(200'000); i > 0; --i) {
    // Halfway between two floats, and what is next to that.
    const auto single = std::bit_cast<float>(uint32_t(random.bits()));
    const double middle = (double(single) + double(std::nextafterf(single, HUGE_VALF))) / 2;
    for (const double value : {middle, std::nextafter(middle, 0), std::nextafter(middle, HUGE_VAL)})
      all.push_back(value);
  }
  for (const double value : all) {
    const auto theirs = float(value);
    const Float ours(soft_of(value));
    ASSERT_EQ(ours.image(), std::bit_cast<uint32_t>(theirs)) << text_of(value);
    ASSERT_EQ(Double(ours).image(), image_of(double(theirs))) << text_of(value);
  }
}

TEST(DoubleConversion, every_exponent_of_binary32_is_read_as_the_machine_does) {
  for (uint64_t image = 0; image <= UINT32_MAX; image += 0x1003) {
    const auto single = std::bit_cast<float>(uint32_t(image));
    if (std::isnan(single)) continue;
    ASSERT_EQ(soft::widened(uint32_t(image)), image_of(double(single))) << std::hex << image;
  }
}

}  // namespace
}  // namespace nflua
