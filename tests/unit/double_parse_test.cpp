// SPDX-License-Identifier: GPL-2.0-or-later
// lua/double/parse.cpp against glibc's strtod.
#include <gtest/gtest.h>

#include "tests/support/doubles.hpp"

namespace nflua {
namespace {

using test::RandomDoubles;
using test::text_of;

void expect_the_same_number(const std::string& text) {
  char *our_end = nullptr, *their_end = nullptr;
  const soft::Double ours = soft::parse(text.c_str(), &our_end);
  const double theirs = strtod(text.c_str(), &their_end);
  ASSERT_EQ(ours.image(), test::image_of(theirs))
      << text << ": " << text_of(theirs) << ", not " << text_of(ours);
  ASSERT_EQ(our_end - text.c_str(), their_end - text.c_str()) << text;
}

std::string digits(RandomDoubles& random, int count, const char* of = "0123456789") {
  const int kinds = int(std::string(of).size());
  std::string all;
  for (int i = 0; i < count; ++i) all += of[random.between(0, kinds - 1)];
  return all;
}

std::string random_numeral(RandomDoubles& random, bool is_hexadecimal, int most_digits) {
  const char* of = is_hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
  std::string text = random.bits() & 1 ? "-" : "";
  if (is_hexadecimal) text += "0x";
  text += digits(random, random.between(0, most_digits), of);
  if (random.bits() & 1) text += "." + digits(random, random.between(0, most_digits), of);
  if (random.bits() & 1) {
    text += is_hexadecimal ? 'p' : 'E';
    text += std::to_string(random.between(0, 9) ? random.between(-30, 30)
                                                : random.between(-1100, 1100));
  }
  return text;
}

TEST(DoubleParse, numerals_in_all_their_forms) {
  for (const char* text : {"0",
                           "-0",
                           "+1",
                           " \t\n\v\f\r1.5",
                           "1.",
                           ".5",
                           "-.5e1",
                           "1e5",
                           "1E+5",
                           "1e-5",
                           "1e",
                           "1e+",
                           "1ex",
                           "e5",
                           ".",
                           "-",
                           "+",
                           "",
                           " ",
                           "..1",
                           "1..2",
                           "1.2.3",
                           "- 1",
                           "+-1",
                           "00001",
                           "1_000",
                           "0.0e400",
                           "0e99999999999999999999",
                           "1e99999999999999999999",
                           "1e-99999999999999999999",
                           "1e400",
                           "1e-400",
                           "1.7976931348623157e308",
                           "1.7976931348623158e308",
                           "1.7976931348623159e308",
                           "1e309",
                           "2.2250738585072011e-308",
                           "2.2250738585072014e-308",
                           "4.9e-324",
                           "2.4703282292062327e-324",
                           "2.4703282292062328e-324",
                           "2.5e-324",
                           "9007199254740993",
                           "9007199254740992.9999999999",
                           "9007199254740993.0000000000000000000001",
                           "0x",
                           "0x.",
                           "0xg",
                           "0x1",
                           "0X1P3",
                           "0x.8",
                           "0x1.",
                           "0x1.8p-1",
                           "0x1p",
                           "0x1p+",
                           "0xp1",
                           "0x1.fffffffffffff8p0",
                           "0x1.fffffffffffff7p0",
                           "0x1p-1074",
                           "0x1p-1075",
                           "0x1.000001p-1075",
                           "0x1p1023",
                           "0x1p1024",
                           "0x1p-99999999999999999999",
                           "0x0p99999999999999999999",
                           "0x0.00000000000000000000000000001p120",
                           "0x10000000000000000000000p-88"})
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(text));
}

TEST(DoubleParse, random_numerals) {
  RandomDoubles random(1);
  for (size_t i = test::times_rounds(150'000); i > 0; --i) {
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(random_numeral(random, false, 25)));
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(random_numeral(random, true, 25)));
  }
}

TEST(DoubleParse, long_numerals) {
  RandomDoubles random(2);
  for (size_t i = test::times_rounds(2'000); i > 0; --i) {
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(random_numeral(random, false, 2'000)));
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(random_numeral(random, true, 2'000)));
  }
}

TEST(DoubleParse, seventeen_digits_bring_every_number_back) {
  RandomDoubles random(3);
  for (size_t i = test::times_rounds(300'000); i > 0; --i) {
    const double value = random.mixed();
    if (!std::isfinite(value)) continue;
    char text[64], *end = nullptr;
    soft::print(text, sizeof text, i % 2 ? "%.17g" : "%a", test::soft_of(value));
    ASSERT_EQ(soft::parse(text, &end).image(), test::image_of(value)) << text;
  }
}

/// All digits of the middle between a number and the next greater one.
std::string middle_above(double value) {
  const uint64_t image = test::image_of(value);
  const long double middle =
      (static_cast<long double>(value) + static_cast<long double>(test::of_image(image + 1))) / 2;
  char text[1300];
  snprintf(text, sizeof text, "%.800Le", middle);
  return text;
}

TEST(DoubleParse, the_middle_of_two_numbers_goes_to_the_even_one_and_a_digit_decides) {
  RandomDoubles random(4);
  for (size_t i = test::times_rounds(10'000); i > 0; --i) {
    const double value = std::fabs(i % 3 ? random.any() : random.subnormal());
    if (!(value < 0x1.fffffffffffffp1023)) continue;
    const std::string middle = middle_above(value);
    const size_t letter = middle.find('e');
    const std::string all = middle.substr(0, letter), exponent = middle.substr(letter);
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(middle));
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(all + std::string(300, '0') + "1" + exponent));
    std::string less = all;
    size_t last = less.find_last_not_of("0.");
    --less[last];
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(less + std::string(300, '9') + exponent));
  }
}

TEST(DoubleParse, a_million_digits_are_read_to_their_end) {
  const std::string zeros(1'000'000, '0');
  for (const std::string& text :
       {"0." + zeros + "1e1000001", "1" + zeros + "e-1000000", "1" + zeros + ".5e-999999",
        "9007199254740993." + zeros, "9007199254740993." + zeros + "1", "0x1" + zeros + "p-4000000",
        "0x." + zeros + "1p4000004", "0x1.00000000000008" + zeros + "1", "0." + zeros, zeros + "1"})
    ASSERT_NO_FATAL_FAILURE(expect_the_same_number(text));
}

}  // namespace
}  // namespace nflua
