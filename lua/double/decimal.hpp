// SPDX-License-Identifier: GPL-2.0-or-later
// A decimal number that holds any double exactly, and as much of any numeral as decides which
// double is nearest to it.
//
// Limbs of nine digits, the least significant first; limb i stands for limb × 10^(9 × (i + shift)).
// Multiplying by a power of two carries upward, dividing by one carries downward; each is one loop.
//
// Where there is no room the last limb goes: what is more than 829 digits behind the first. That
// decides nothing: a double, or the middle between two, has 767 significant digits at most, also
// when it was multiplied by a power of two; and a numeral that differs does so in its first 792, of
// which the last one stands for any others that it had.
#pragma once

#include <stdint.h>

namespace nflua::soft {

inline constexpr int kDigitsPerLimb = 9;
inline constexpr uint32_t kLimbBase = 1000000000;
inline constexpr int kMaxLimbs = 96;
/// Powers of two that one pass may multiply or divide by.
inline constexpr int kMaxDoublings = 29;
inline constexpr int kMaxHalvings = 27;
/// Digits of a numeral that are kept: the rest decide nothing but whether there is any.
inline constexpr int kMaxNumeralDigits = 792;

class Decimal {
 public:
  Decimal() = default;
  explicit Decimal(uint64_t value);

  /// Writes the next digit behind all others. Requires: fewer than kMaxNumeralDigits so far.
  void append(unsigned digit);
  /// Ends a numeral of that many appended digits. × 10^exponent. `sticky`: there were others than
  /// zeros behind them. Requires: not 0; not both append() afterwards.
  void finish(int digits, int exponent, bool sticky);

  void multiply(uint32_t factor);
  /// By 2^halvings. Requires: halvings ≤ kMaxHalvings.
  void halve(int halvings);

  bool is_zero() const { return count_ == 0; }
  /// The place of the first digit that isn't 0: the number is d.ddd × 10^place. 0 for 0.
  int first_place() const;
  /// The place of the last digit that isn't 0.
  int last_place() const;
  /// The digit × 10^place.
  unsigned digit(int place) const;
  /// To the nearest multiple of 10^place, the even one of two.
  void round_at(int place);

  /// Limbs before the point; below 0 if zeros follow it.
  int whole_limbs() const { return count_ + shift_; }
  /// Requires: whole_limbs() ≤ 2, or a number below 2^64.
  uint64_t whole() const;
  bool has_fraction() const;

 private:
  uint32_t limb(int index) const { return index >= 0 && index < count_ ? limbs_[index] : 0; }
  void drop_last();
  bool has_digits_below(int place) const;
  void clear_below(int place);
  void add_at(int place);
  void trim();

  uint32_t limbs_[kMaxLimbs];
  int count_ = 0;
  int shift_ = 0;
};

}  // namespace nflua::soft
