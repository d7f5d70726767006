// SPDX-License-Identifier: GPL-2.0-or-later
// lua/double/arithmetic.cpp against the machine's own arithmetic.
#include <gtest/gtest.h>

#include "tests/support/doubles.hpp"

namespace nflua {
namespace {

using soft::Double;
using test::image_of;
using test::is_same;
using test::machine_of;
using test::RandomDoubles;
using test::soft_of;
using test::text_of;

struct Operation {
  const char* name;
  Double (*ours)(Double, Double);
  double (*theirs)(double, double);
};

const Operation kOperations[] = {
    {"+", [](Double a, Double b) { return a + b; }, [](double a, double b) { return a + b; }},
    {"-", [](Double a, Double b) { return a - b; }, [](double a, double b) { return a - b; }},
    {"*", [](Double a, Double b) { return a * b; }, [](double a, double b) { return a * b; }},
    {"/", [](Double a, Double b) { return a / b; }, [](double a, double b) { return a / b; }},
    {"fmod", soft::fmod, [](double a, double b) { return std::fmod(a, b); }},
};

std::string shown(const char* operation, double a, double b) {
  return text_of(a) + " " + operation + " " + text_of(b);
}

void expect_the_same(const Operation& operation, double a, double b) {
  const Double ours = operation.ours(soft_of(a), soft_of(b));
  const double theirs = operation.theirs(a, b);
  ASSERT_TRUE(is_same(ours, theirs))
      << shown(operation.name, a, b) << " = " << text_of(theirs) << ", not " << text_of(ours);
}

void expect_the_same_order(double a, double b) {
  const Double x = soft_of(a), y = soft_of(b);
  ASSERT_EQ(x == y, a == b) << shown("==", a, b);
  ASSERT_EQ(x != y, a != b) << shown("!=", a, b);
  ASSERT_EQ(x < y, a < b) << shown("<", a, b);
  ASSERT_EQ(x <= y, a <= b) << shown("<=", a, b);
  ASSERT_EQ(x > y, a > b) << shown(">", a, b);
  ASSERT_EQ(x >= y, a >= b) << shown(">=", a, b);
}

void expect_the_same_results(double a, double b) {
  for (const Operation& operation : kOperations)
    ASSERT_NO_FATAL_FAILURE(expect_the_same(operation, a, b));
  ASSERT_NO_FATAL_FAILURE(expect_the_same_order(a, b));
}

TEST(DoubleArithmetic, all_special_numbers_crossed_give_what_the_machine_gives) {
  const std::vector<double> all = test::special_doubles();
  for (const double a : all)
    for (const double b : all) ASSERT_NO_FATAL_FAILURE(expect_the_same_results(a, b));
}

TEST(DoubleArithmetic, a_nan_that_is_made_has_the_machines_sign) {
  const double zero = 0, huge = HUGE_VAL;
  const Double soft_zero = 0, soft_huge = soft::kHuge;
  EXPECT_EQ((soft_zero / soft_zero).image(), image_of(zero / zero));
  EXPECT_EQ((soft_zero * soft_huge).image(), image_of(zero * huge));
  EXPECT_EQ((soft_huge - soft_huge).image(), image_of(huge - huge));
  EXPECT_EQ((soft_huge / soft_huge).image(), image_of(huge / huge));
  EXPECT_EQ((-(soft_zero / soft_zero)).image(), image_of(-(zero / zero)));
  EXPECT_EQ(soft::sqrt(-1).image(), image_of(std::sqrt(zero - 1)));
}

TEST(DoubleArithmetic, a_nan_passes_through_with_its_bits) {
  const double nan = test::of_image(0x7ff8000000001234), one = 1;
  for (const Operation& operation : kOperations) {
    EXPECT_EQ(operation.ours(soft_of(nan), 1).image(), image_of(operation.theirs(nan, one)))
        << operation.name;
    EXPECT_EQ(operation.ours(1, soft_of(nan)).image(), image_of(operation.theirs(one, nan)))
        << operation.name;
  }
}

TEST(DoubleArithmetic, random_images_give_what_the_machine_gives) {
  RandomDoubles random(1);
  for (size_t i = test::times_rounds(300'000); i > 0; --i)
    ASSERT_NO_FATAL_FAILURE(expect_the_same_results(random.any(), random.any()));
}

TEST(DoubleArithmetic, numbers_of_nearby_exponents_give_what_the_machine_gives) {
  RandomDoubles random(2);
  for (size_t i = test::times_rounds(600'000); i > 0; --i) {
    const int exponent = random.between(-1080, 1023);
    const double a = random.with_exponent(exponent, exponent);
    ASSERT_NO_FATAL_FAILURE(
        expect_the_same_results(a, random.with_exponent(exponent - 60, exponent + 2)));
  }
}

TEST(DoubleArithmetic, halfway_cases_go_to_the_even_neighbour) {
  RandomDoubles random(3);
  for (size_t i = test::times_rounds(600'000); i > 0; --i) {
    const double a = random.sparse(-3, 3), b = random.sparse(-60, 60);
    ASSERT_NO_FATAL_FAILURE(expect_the_same_results(a, b));
  }
  EXPECT_EQ(machine_of(Double(0x1p53) + Double(1)), 0x1p53);
  EXPECT_EQ(machine_of(Double(0x1p53) + Double(3)), 0x1p53 + 4);
}

TEST(DoubleArithmetic, subnormal_operands_and_results_are_those_of_the_machine) {
  RandomDoubles random(4);
  for (size_t i = test::times_rounds(400'000); i > 0; --i) {
    const double tiny = random.subnormal();
    ASSERT_NO_FATAL_FAILURE(expect_the_same_results(tiny, random.subnormal()));
    ASSERT_NO_FATAL_FAILURE(expect_the_same_results(tiny, random.with_exponent(-60, 60)));
    // Products and quotients around the least numbers.
    const int exponent = random.between(-540, 540);
    const double a = random.sparse(exponent, exponent);
    ASSERT_NO_FATAL_FAILURE(
        expect_the_same_results(a, random.sparse(-1078 - exponent, -1018 - exponent)));
    ASSERT_NO_FATAL_FAILURE(expect_the_same_results(
        random.with_exponent(-1074 + exponent / 2, -1020 + exponent / 2), a));
  }
}

TEST(DoubleArithmetic, roots_are_those_of_the_machine) {
  const auto expect_root = [](double x) {
    const Double ours = soft::sqrt(soft_of(x));
    ASSERT_TRUE(is_same(ours, std::sqrt(x)))
        << "sqrt " << text_of(x) << " is not " << text_of(ours);
  };
  for (const double x : test::special_doubles()) ASSERT_NO_FATAL_FAILURE(expect_root(x));
  RandomDoubles random(5);
  for (size_t i = test::times_rounds(300'000); i > 0; --i) {
    ASSERT_NO_FATAL_FAILURE(expect_root(random.any()));
    ASSERT_NO_FATAL_FAILURE(expect_root(std::fabs(random.mixed())));
    // A root as near as can be to the middle of two numbers.
    const double below = random.with_exponent(-500, 500), above = std::nextafter(below, HUGE_VAL);
    const long double middle = (static_cast<long double>(below) + above) / 2;
    ASSERT_NO_FATAL_FAILURE(expect_root(double(middle * middle)));
    // A square and its neighbours.
    const double root = random.sparse(-30, 30), square = root * root;
    for (const double near : {std::nextafter(square, 0), square, std::nextafter(square, HUGE_VAL)})
      ASSERT_NO_FATAL_FAILURE(expect_root(near));
  }
}

TEST(DoubleArithmetic, a_constant_is_folded_to_the_same_number) {
  constexpr Double kHalf = 0.5, kMinusThree = -3, kLarge = 9007199254740993;  // halfway
  static_assert(kHalf.image() == 0x3fe0000000000000);
  static_assert(kMinusThree.image() == 0xc008000000000000);
  static_assert(kLarge.image() == 0x4340000000000000);
  static_assert(Double(0).image() == 0 && (-Double(0)).image() == uint64_t{1} << 63);
  Double sum = 1;
  sum += 0.5;
  EXPECT_EQ(machine_of(sum), 1.5);
}

}  // namespace
}  // namespace nflua
