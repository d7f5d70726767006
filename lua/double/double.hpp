// SPDX-License-Identifier: GPL-2.0-or-later
// IEEE 754 binary64 in integer arithmetic: what lua_Number is where there is no floating-point
// unit.
//
// Round to nearest, ties to even; subnormals, signed zeros and infinities; no flags, no traps.
// +, -, *, /, sqrt, fmod, comparisons, conversions and text are bit for bit those of an x86 with
// glibc; the other functions are the exact result rounded, but for one case in 2^40 or less, where
// the other neighbour may be given. docs/decisions/0006 says why it is so.
//
// Invariants: trivial and of eight bytes, so that it fits into Lua's unions, registers and variadic
// calls. No name of a floating-point type is compiled into code: literals are converted by the
// compiler, and a `double` that isn't one is refused.
// Members are always inlined: a kernel module of several objects can't have inline functions in
// two of them.
// Context: any; nothing is allocated or kept.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lua/double/image.hpp"

namespace nflua::soft {

template <class T>
concept Integer = requires(T value) {
  value << 1;
  value++;  // not bool
};

// What the operators are made of, over images.
uint64_t sum(uint64_t a, uint64_t b);
uint64_t product(uint64_t a, uint64_t b);
uint64_t quotient(uint64_t dividend, uint64_t divisor);
bool is_equal(uint64_t a, uint64_t b);
bool is_less(uint64_t a, uint64_t b);
bool is_less_or_equal(uint64_t a, uint64_t b);
uint64_t image_of_signed(long long value);
uint64_t image_of_unsigned(unsigned long long value);
/// Toward zero. What does not fit gives LLONG_MIN, as on an x86.
long long truncated(uint64_t image);
uint64_t widened(uint32_t binary32);
uint32_t narrowed(uint64_t image);

/// IEEE 754 binary32: only to be stored and loaded.
class Float;

class Double {
 public:
  Double() = default;
  template <Integer T>
  [[gnu::always_inline]] constexpr Double(T value) : image_(image_of(value)) {}
  consteval Double(double literal) : image_(__builtin_bit_cast(uint64_t, literal)) {}
  [[gnu::always_inline]] explicit Double(Float value);

  [[gnu::always_inline]] static constexpr Double of_image(uint64_t image) {
    Double made{};
    made.image_ = image;
    return made;
  }
  [[gnu::always_inline]] constexpr uint64_t image() const { return image_; }

  template <Integer T>
  [[gnu::always_inline]] explicit operator T() const {
    return T(truncated(image_));
  }

  [[gnu::always_inline]] constexpr Double operator-() const { return of_image(image_ ^ kSign); }
  [[gnu::always_inline]] friend Double operator+(Double a, Double b) {
    return of_image(sum(a.image_, b.image_));
  }
  [[gnu::always_inline]] friend Double operator-(Double a, Double b) { return a + negated(b); }
  [[gnu::always_inline]] friend Double operator*(Double a, Double b) {
    return of_image(product(a.image_, b.image_));
  }
  [[gnu::always_inline]] friend Double operator/(Double a, Double b) {
    return of_image(quotient(a.image_, b.image_));
  }
  [[gnu::always_inline]] Double& operator+=(Double other) { return *this = *this + other; }

  [[gnu::always_inline]] friend bool operator==(Double a, Double b) {
    return is_equal(a.image_, b.image_);
  }
  [[gnu::always_inline]] friend bool operator!=(Double a, Double b) { return !(a == b); }
  [[gnu::always_inline]] friend bool operator<(Double a, Double b) {
    return is_less(a.image_, b.image_);
  }
  [[gnu::always_inline]] friend bool operator>(Double a, Double b) { return b < a; }
  [[gnu::always_inline]] friend bool operator<=(Double a, Double b) {
    return is_less_or_equal(a.image_, b.image_);
  }
  [[gnu::always_inline]] friend bool operator>=(Double a, Double b) { return b <= a; }

 private:
  /// What a difference adds. A NaN keeps its sign.
  [[gnu::always_inline]] static Double negated(Double value) {
    return is_nan(value.image_) ? value : -value;
  }

  /// A constant is converted by the compiler.
  template <Integer T>
  [[gnu::always_inline]] static constexpr uint64_t image_of(T value) {
    constexpr bool kIsSigned = T(-1) < T(0);
    if (!__builtin_constant_p(value))
      return kIsSigned ? image_of_signed((long long)(value)) : image_of_unsigned(value);
    if (kIsSigned && value < T(0))
      return kSign | rounded_image(-(unsigned long long)(value), 0, false);
    return rounded_image((unsigned long long)(value), 0, false);
  }

  uint64_t image_;
};

class Float {
 public:
  Float() = default;
  [[gnu::always_inline]] explicit Float(Double value) : image_(narrowed(value.image())) {}
  [[gnu::always_inline]] uint32_t image() const { return image_; }

 private:
  uint32_t image_;
};

inline Double::Double(Float value) : image_(widened(value.image())) {}

constexpr Double kHuge = Double::of_image(kInfinity);

Double fabs(Double x);
Double floor(Double x);
Double ceil(Double x);
Double sqrt(Double x);
Double fmod(Double dividend, Double divisor);
/// x = result × 2^*exponent, the result in [1/2, 1). 0 for *exponent when x is 0 or not finite.
Double frexp(Double x, int* exponent);
Double ldexp(Double x, int exponent);

Double exp(Double x);
Double log(Double x);
Double log2(Double x);
Double log10(Double x);
Double pow(Double x, Double y);
Double sin(Double x);
Double cos(Double x);
Double tan(Double x);
Double asin(Double x);
Double acos(Double x);
Double atan2(Double y, Double x);

/// As C's strtod in the C locale, decimal and hexadecimal, but for "inf" and "nan".
Double parse(const char* text, char** end);

/// As C's snprintf in the C locale, of one item: `format` is one conversion out of aAeEfFgG, with
/// flags, width and precision in digits. A NaN is printed without its sign.
int print(char* to, size_t size, const char* format, Double value);

}  // namespace nflua::soft
