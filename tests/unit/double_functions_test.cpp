// SPDX-License-Identifier: GPL-2.0-or-later
// lua/double/exponential.cpp and trigonometry.cpp against libquadmath, which computes with 113
// bits, in units of the result's last place; and their special cases against the C library.
#include <gtest/gtest.h>
#include <quadmath.h>

#include <functional>
#include <iostream>

#include "tests/support/doubles.hpp"

namespace nflua {
namespace {

using soft::Double;
using test::is_same;
using test::machine_of;
using test::RandomDoubles;
using test::soft_of;
using test::text_of;

using Quad = __float128;

/// What is promised is 1. That the result is the exact one rounded leaves half a unit, and a little
/// for what libquadmath errs.
constexpr double kMostUlps = 0.5001;

/// Distance in units of the last place that a double near `exact` has.
double ulps_between(double value, Quad exact) {
  int exponent = 0;
  frexpq(exact, &exponent);
  const int least = -1021;
  const Quad unit = ldexpq(1, (exponent < least ? least : exponent) - 53);
  if (std::isinf(value)) value = std::copysign(0x1.fffffffffffffp1023, value), exact -= unit;
  return double(fabsq((Quad(value) - exact) / unit));
}

/// Keeps the greatest error, and tells it at the end.
class Worst {
 public:
  explicit Worst(const char* name) : name_(name) {}
  ~Worst() {
    std::cout << name_ << ": at most " << ulps_ << " ulp in " << count_ << " results, at " << where_
              << "\n";
  }

  void add(Double ours, Quad exact, const std::string& arguments) {
    const double value = machine_of(ours);
    ASSERT_FALSE(std::isnan(value)) << name_ << arguments;
    const double ulps = ulps_between(value, exact);
    ++count_;
    if (ulps > ulps_) {
      ulps_ = ulps;
      where_ = arguments;
    }
    ASSERT_LE(ulps, kMostUlps) << name_ << arguments << " is not " << text_of(value);
  }

 private:
  const char* name_;
  double ulps_ = 0;
  size_t count_ = 0;
  std::string where_;
};

struct Function {
  const char* name;
  Double (*ours)(Double);
  Quad (*exact)(Quad);
  double (*library)(double);
};

#define NFLUA_FUNCTION(name)                                          \
  {                                                                   \
#name, soft::name, name##q, [](double x) { return std::name(x); } \
  }
const Function kExponential = NFLUA_FUNCTION(exp);
const Function kLogarithms[] = {NFLUA_FUNCTION(log), NFLUA_FUNCTION(log2), NFLUA_FUNCTION(log10)};
const Function kCircular[] = {NFLUA_FUNCTION(sin), NFLUA_FUNCTION(cos), NFLUA_FUNCTION(tan)};
const Function kInverse[] = {NFLUA_FUNCTION(asin), NFLUA_FUNCTION(acos)};
#undef NFLUA_FUNCTION

void expect_rounded(const Function& function, const std::vector<double>& arguments) {
  Worst worst(function.name);
  for (const double x : arguments)
    ASSERT_NO_FATAL_FAILURE(
        worst.add(function.ours(soft_of(x)), function.exact(x), "(" + text_of(x) + ")"));
}

/// Where the result is no number, infinite or exactly zero or one, the library's is the right one.
void expect_special_cases(const Function& function) {
  for (const double x : test::special_doubles()) {
    const double theirs = function.library(x);
    if (std::isfinite(theirs) && theirs != 0 && std::fabs(theirs) != 1) continue;
    const Double ours = function.ours(soft_of(x));
    EXPECT_TRUE(is_same(ours, theirs)) << function.name << " of " << text_of(x) << " is "
                                       << text_of(theirs) << ", not " << text_of(ours);
  }
}

template <class Make>
std::vector<double> made(size_t count, uint64_t seed, Make make) {
  RandomDoubles random(seed);
  std::vector<double> all;
  for (size_t i = test::times_rounds(count); i > 0; --i) all.push_back(make(random));
  return all;
}

TEST(DoubleFunctions, special_cases_are_the_librarys) {
  expect_special_cases(kExponential);
  for (const Function& function : kLogarithms) expect_special_cases(function);
  for (const Function& function : kCircular) expect_special_cases(function);
  for (const Function& function : kInverse) expect_special_cases(function);
}

TEST(DoubleFunctions, exp_is_the_exact_result_rounded) {
  expect_rounded(kExponential, made(60'000, 1, [](RandomDoubles& random) {
                   switch (random.between(0, 3)) {
                     case 0:
                       return random.uniform(-745.2, -700);  // subnormal results
                     case 1:
                       return random.uniform(-1, 1);
                     case 2:
                       return random.with_exponent(-70, 8);
                     default:
                       return random.uniform(-745, 709.78);
                   }
                 }));
}

TEST(DoubleFunctions, logarithms_are_the_exact_results_rounded) {
  const std::vector<double> arguments = made(60'000, 2, [](RandomDoubles& random) {
    switch (random.between(0, 4)) {
      case 0:
        return 1 + random.with_exponent(-53, -5);
      case 1:
        return std::fabs(random.subnormal()) + 0x1p-1074;
      case 2:
        return random.uniform(0.5, 2);
      case 3:
        return double(random.between(2, 1'000'000));
      default:
        return std::fabs(random.with_exponent(-1022, 1023));
    }
  });
  for (const Function& function : kLogarithms) expect_rounded(function, arguments);
}

TEST(DoubleFunctions, logarithms_of_powers_of_their_base_are_whole) {
  for (int n = -1074; n < 1024; ++n)
    EXPECT_EQ(machine_of(soft::log2(soft_of(std::ldexp(1, n)))), n);
  double power = 1;
  for (int n = 0; n <= 22; ++n, power *= 10) EXPECT_EQ(machine_of(soft::log10(soft_of(power))), n);
}

TEST(DoubleFunctions, circular_functions_are_the_exact_results_rounded) {
  std::vector<double> arguments = made(60'000, 3, [](RandomDoubles& random) {
    switch (random.between(0, 3)) {
      case 0:
        return random.uniform(-10, 10);
      case 1:
        return random.with_exponent(-1074, 0);
      case 2:
        return double(random.between(-1'000'000, 1'000'000)) * (M_PI / 2);
      default:
        return random.with_exponent(0, 1023);
    }
  });
  // Of all doubles the nearest to a multiple of π/2.
  arguments.push_back(6381956970095103 * 0x1p797);
  for (const Function& function : kCircular) expect_rounded(function, arguments);
}

TEST(DoubleFunctions, inverse_functions_are_the_exact_results_rounded) {
  const std::vector<double> arguments = made(60'000, 4, [](RandomDoubles& random) {
    switch (random.between(0, 3)) {
      case 0:
        return random.sign() * (1 - std::fabs(random.with_exponent(-52, -2)));
      case 1:
        return random.with_exponent(-1074, -1);
      default:
        return random.uniform(-1, 1);
    }
  });
  for (const Function& function : kInverse) expect_rounded(function, arguments);
}

TEST(DoubleFunctions, atan2_is_the_exact_result_rounded) {
  RandomDoubles random(5);
  Worst worst("atan2");
  for (size_t i = test::times_rounds(120'000); i > 0; --i) {
    const double x = random.with_exponent(-1000, 1000);
    double y = x * random.with_exponent(-5, 5);
    if (i % 4 == 0) y = random.with_exponent(-1074, 1023);
    if (i % 4 == 1) y = x * random.between(-9, 9) / 4;  // where the way to compute it changes
    if (y == 0 || std::isinf(y)) continue;
    ASSERT_NO_FATAL_FAILURE(worst.add(soft::atan2(soft_of(y), soft_of(x)), atan2q(y, x),
                                      "(" + text_of(y) + ", " + text_of(x) + ")"));
  }
}

TEST(DoubleFunctions, atan2_of_special_numbers_is_the_librarys) {
  const std::vector<double> all = test::special_doubles();
  Worst worst("atan2 of special numbers");
  for (const double y : all)
    for (const double x : all) {
      const double theirs = std::atan2(y, x);
      const Double ours = soft::atan2(soft_of(y), soft_of(x));
      const std::string shown = "(" + text_of(y) + ", " + text_of(x) + ")";
      if (std::isnan(theirs) || y == 0 || std::isinf(y) || x == 0 || std::isinf(x))
        ASSERT_TRUE(is_same(ours, theirs)) << "atan2" << shown << " is not " << text_of(ours);
      else
        ASSERT_NO_FATAL_FAILURE(worst.add(ours, atan2q(y, x), shown));
    }
}

TEST(DoubleFunctions, pow_is_the_exact_result_rounded) {
  RandomDoubles random(6);
  Worst worst("pow");
  for (size_t i = test::times_rounds(150'000); i > 0; --i) {
    double x = std::fabs(random.with_exponent(-1074, 1023));
    double y = random.uniform(-1100, 1100) / std::log2(x);  // results of all sizes
    switch (i % 4) {
      case 0:
        x = random.uniform(0, 100), y = random.uniform(-20, 20);
        break;
      case 1:
        x = 1 + random.with_exponent(-52, -10), y = random.with_exponent(0, 50);
        break;
      case 2:
        x = random.sign() * random.uniform(0, 1000), y = random.between(-120, 120);
        break;
      default:
        break;
    }
    if (x == 0 || !std::isfinite(y) || y == 0) continue;
    const Quad exact = powq(x, y);
    const Double ours = soft::pow(soft_of(x), soft_of(y));
    const std::string shown = "(" + text_of(x) + ", " + text_of(y) + ")";
    if (fabsq(exact) >= 0x1.fffffffffffff8p1023Q)
      ASSERT_EQ(machine_of(ours), exact < 0 ? -HUGE_VAL : HUGE_VAL) << shown;
    else
      ASSERT_NO_FATAL_FAILURE(worst.add(ours, exact, shown));
  }
}

TEST(DoubleFunctions, whole_powers_are_exact_and_halfway_ones_go_to_the_even_neighbour) {
  for (int base = -40; base <= 40; ++base) {
    Quad exact = 1;
    for (int n = 0; fabsq(exact) < 0x1p112Q && n < 200; ++n, exact *= base)
      ASSERT_EQ(machine_of(soft::pow(base, n)), double(exact)) << base << "^" << n;
  }
  RandomDoubles random(7);
  for (size_t i = test::times_rounds(100'000); i > 0; --i) {
    // Squares of 27 bits have 54: every other one is halfway.
    const double x = random.between(1 << 26, (1 << 27) - 1) * std::ldexp(1, -random.between(0, 60));
    ASSERT_EQ(machine_of(soft::pow(soft_of(x), 2)), x * x) << text_of(x);
    ASSERT_EQ(machine_of(soft::pow(soft_of(x * 4), 0.5)), std::sqrt(x * 4)) << text_of(x);
    const auto root = double(random.between(1, 1 << 17));
    ASSERT_EQ(machine_of(soft::pow(soft_of(root), 3)), root * root * root) << text_of(root);
  }
}

TEST(DoubleFunctions, pow_of_special_numbers_is_the_librarys) {
  std::vector<double> all = test::special_doubles();
  for (const double y : {-5.0, -4.0, 4.0, 5.0, 7.0, 0x1p53 + 2, 0x1p53 - 1}) all.push_back(y);
  Worst worst("pow of special numbers");
  for (const double x : all)
    for (const double y : all) {
      const double theirs = std::pow(x, y);
      const Double ours = soft::pow(soft_of(x), soft_of(y));
      const std::string shown = "(" + text_of(x) + ", " + text_of(y) + ")";
      if (std::isfinite(theirs) && theirs != 0 && std::isfinite(x) && std::isfinite(y))
        ASSERT_NO_FATAL_FAILURE(worst.add(ours, powq(x, y), shown));
      else
        ASSERT_TRUE(is_same(ours, theirs))
            << "pow" << shown << " is " << text_of(theirs) << ", not " << text_of(ours);
    }
}

}  // namespace
}  // namespace nflua
