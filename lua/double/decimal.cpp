// SPDX-License-Identifier: GPL-2.0-or-later
#include "lua/double/decimal.hpp"

namespace nflua::soft {

namespace {

constexpr uint32_t kPowersOf10[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

struct Place {
  int limb;
  int digit;
};

/// Which limb counts 10^place, were the shift 0; and which of its digits.
Place split(int place) {
  int limb = place / kDigitsPerLimb, digit = place % kDigitsPerLimb;
  if (digit < 0) {
    digit += kDigitsPerLimb;
    --limb;
  }
  return {limb, digit};
}

}  // namespace

Decimal::Decimal(uint64_t value) {
  for (; value != 0; value /= kLimbBase) limbs_[count_++] = uint32_t(value % kLimbBase);
}

void Decimal::append(unsigned digit) {
  // The first limb is the most significant one until finish().
  if (shift_ == 0) limbs_[count_++] = 0;
  limbs_[count_ - 1] = limbs_[count_ - 1] * 10 + digit;
  shift_ = (shift_ + 1) % kDigitsPerLimb;
}

void Decimal::finish(int digits, int exponent, bool sticky) {
  const int missing = (kDigitsPerLimb - digits % kDigitsPerLimb) % kDigitsPerLimb;
  limbs_[count_ - 1] *= kPowersOf10[missing];
  if (sticky) limbs_[count_ - 1] |= 1;
  for (int i = 0; i < count_ / 2; ++i) {
    const uint32_t other = limbs_[i];
    limbs_[i] = limbs_[count_ - 1 - i];
    limbs_[count_ - 1 - i] = other;
  }
  const Place place = split(exponent - missing);
  shift_ = place.limb;
  trim();
  multiply(kPowersOf10[place.digit]);
}

void Decimal::drop_last() {
  for (int i = 1; i < count_; ++i) limbs_[i - 1] = limbs_[i];
  --count_;
  ++shift_;
}

void Decimal::multiply(uint32_t factor) {
  if (count_ == kMaxLimbs) drop_last();
  uint64_t carry = 0;
  for (int i = 0; i < count_; ++i) {
    carry += uint64_t{limbs_[i]} * factor;
    limbs_[i] = uint32_t(carry % kLimbBase);
    carry /= kLimbBase;
  }
  if (carry != 0) limbs_[count_++] = uint32_t(carry);
}

void Decimal::halve(int halvings) {
  // Each halving makes a digit behind the last one.
  const int added = (halvings + kDigitsPerLimb - 1) / kDigitsPerLimb;
  while (count_ + added > kMaxLimbs) drop_last();
  count_ += added;
  shift_ -= added;
  for (int i = count_; i-- > 0;) limbs_[i] = i < added ? 0 : limbs_[i - added];
  const uint64_t mask = (uint64_t{1} << halvings) - 1;
  uint64_t rest = 0;
  for (int i = count_; i-- > 0;) {
    rest = rest * kLimbBase + limbs_[i];
    limbs_[i] = uint32_t(rest >> halvings);
    rest &= mask;
  }
  trim();
}

void Decimal::trim() {
  while (count_ > 0 && limbs_[count_ - 1] == 0) --count_;
}

int Decimal::first_place() const {
  if (is_zero()) return 0;
  int digit = 0;
  while (digit + 1 < kDigitsPerLimb && limbs_[count_ - 1] >= kPowersOf10[digit + 1]) ++digit;
  return (count_ - 1 + shift_) * kDigitsPerLimb + digit;
}

int Decimal::last_place() const {
  if (is_zero()) return 0;
  int index = 0, digit = 0;
  while (limbs_[index] == 0) ++index;
  while (limbs_[index] / kPowersOf10[digit] % 10 == 0) ++digit;
  return (index + shift_) * kDigitsPerLimb + digit;
}

unsigned Decimal::digit(int place) const {
  const Place at = split(place);
  return limb(at.limb - shift_) / kPowersOf10[at.digit] % 10;
}

bool Decimal::has_digits_below(int place) const { return !is_zero() && last_place() < place; }

void Decimal::clear_below(int place) {
  const Place at = split(place);
  const int index = at.limb - shift_;
  for (int i = 0; i < index && i < count_; ++i) limbs_[i] = 0;
  if (index >= 0 && index < count_) limbs_[index] -= limbs_[index] % kPowersOf10[at.digit];
  trim();
}

void Decimal::add_at(int place) {
  const Place at = split(place);
  const int index = at.limb - shift_;
  while (count_ <= index) limbs_[count_++] = 0;
  uint32_t carry = kPowersOf10[at.digit];
  for (int i = index; carry != 0; ++i) {
    if (i == count_) limbs_[count_++] = 0;
    const uint32_t sum = limbs_[i] + carry;
    carry = sum >= kLimbBase;
    limbs_[i] = carry ? sum - kLimbBase : sum;
  }
}

void Decimal::round_at(int place) {
  if (!has_digits_below(place)) return;
  const unsigned next = digit(place - 1);
  constexpr unsigned kHalf = 5;
  const bool up =
      next > kHalf || (next == kHalf && (has_digits_below(place - 1) || digit(place) % 2 != 0));
  clear_below(place);
  if (up) add_at(place);
}

uint64_t Decimal::whole() const {
  uint64_t value = 0;
  for (int place = whole_limbs(); place-- > 0;) value = value * kLimbBase + limb(place - shift_);
  return value;
}

bool Decimal::has_fraction() const { return has_digits_below(0); }

}  // namespace nflua::soft
