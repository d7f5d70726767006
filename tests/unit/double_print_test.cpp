// SPDX-License-Identifier: GPL-2.0-or-later
// lua/double/print.cpp against glibc's printf.
#include <gtest/gtest.h>

#include "tests/support/doubles.hpp"

namespace nflua {
namespace {

using test::RandomDoubles;
using test::soft_of;
using test::text_of;

constexpr size_t kSize = 2048;

/// A NaN has no sign in our text.
double printable(double value) { return std::isnan(value) ? std::fabs(value) : value; }

void expect_the_same_text(const std::string& format, double value) {
  char ours[kSize], theirs[kSize];
  const int our_length = soft::print(ours, kSize, format.c_str(), soft_of(value));
  const int their_length = snprintf(theirs, kSize, format.c_str(), printable(value));
  ASSERT_STREQ(ours, theirs) << format << " of " << text_of(value);
  ASSERT_EQ(our_length, their_length) << format << " of " << text_of(value);
}

std::string random_format(RandomDoubles& random) {
  std::string format = "%";
  for (const char flag : {'-', '+', ' ', '#', '0'})
    if (random.between(0, 3) == 0) format += flag;
  if (random.between(0, 2) == 0) format += std::to_string(random.between(1, 99));
  if (random.between(0, 3) != 0) {
    format += '.';
    if (random.between(0, 5) != 0) format += std::to_string(random.between(0, 99));
  }
  return format + "aAeEfFgG"[random.between(0, 7)];
}

TEST(DoublePrint, special_numbers_in_all_flags_widths_and_precisions) {
  for (const double value : test::special_doubles())
    for (const char* flags : {"", "-", "+", " ", "#", "0", "+0", "-+ #0", " 0#"})
      for (const char* width : {"", "9", "30"})
        for (const char* precision : {"", ".", ".0", ".1", ".3", ".14", ".17", ".40"})
          for (const char* letter : {"a", "e", "f", "g", "G"})
            ASSERT_NO_FATAL_FAILURE(
                expect_the_same_text(std::string("%") + flags + width + precision + letter, value));
}

TEST(DoublePrint, random_numbers_in_random_formats) {
  RandomDoubles random(1);
  for (size_t i = test::times_rounds(100'000); i > 0; --i)
    ASSERT_NO_FATAL_FAILURE(expect_the_same_text(random_format(random), random.mixed()));
}

TEST(DoublePrint, random_numbers_as_lua_shows_them) {
  RandomDoubles random(2);
  for (size_t i = test::times_rounds(100'000); i > 0; --i) {
    const double value = random.mixed();
    for (const char* format : {"%.14g", "%.17g", "%a"})
      ASSERT_NO_FATAL_FAILURE(expect_the_same_text(format, value));
  }
}

// With few bits, digits end in a 5 that has nothing behind it.
TEST(DoublePrint, halfway_digits_go_to_the_even_neighbour) {
  RandomDoubles random(3);
  for (size_t i = test::times_rounds(100'000); i > 0; --i) {
    const double value = std::ldexp(random.between(0, 4095), -random.between(0, 12));
    const std::string precision = std::to_string(random.between(0, 12));
    for (const char letter : {'e', 'f', 'g', 'a'})
      ASSERT_NO_FATAL_FAILURE(expect_the_same_text("%." + precision + letter, value));
  }
}

TEST(DoublePrint, nines_carry_into_a_new_digit) {
  for (const double value : {9.5, 99.5, 0.95, 0.095, 0.0009995, 0.00009995, 999999.5, 9999995.0,
                             9.9999e22, 99999999999999.5, 999999999.5, 0.9999999999})
    for (const char* precision : {".0", ".1", ".2", ".3", "", ".13", ".14", ".15"})
      for (const char letter : {'e', 'f', 'g'})
        ASSERT_NO_FATAL_FAILURE(expect_the_same_text(std::string("%") + precision + letter, value));
}

TEST(DoublePrint, all_digits_of_the_extreme_numbers) {
  for (const double value : {0x1p-1074, 0x1.fffffffffffffp-1022, 0x1.fffffffffffffp1023, 0x1p-1022})
    for (const char* format : {"%.1100f", "%.1100e", "%.1100g", "%.0f", "%.400f", "%.1073f"})
      ASSERT_NO_FATAL_FAILURE(expect_the_same_text(format, value));
}

TEST(DoublePrint, text_that_does_not_fit_is_cut_and_counted) {
  char text[5] = "----";
  EXPECT_EQ(soft::print(text, sizeof text, "%.3f", soft::Double(1234)), 8);
  EXPECT_STREQ(text, "1234");
  EXPECT_EQ(soft::print(text, 1, "%g", soft::Double(77)), 2);
  EXPECT_STREQ(text, "");
  EXPECT_EQ(soft::print(nullptr, 0, "%g", soft::Double(77)), 2);
}

}  // namespace
}  // namespace nflua
