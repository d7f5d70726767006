// SPDX-License-Identifier: GPL-2.0-or-later
// A set of 32-bit numbers, as the ranges that it is made of.
#pragma once

#include <cstdint>
#include <vector>

namespace nflua::queue {

struct ValueRange {
  uint32_t first;
  uint32_t last;  ///< inclusive

  friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

class ValueSet {
 public:
  ValueSet() = default;
  explicit ValueSet(uint32_t value) : ValueSet(value, value) {}
  /// Empty if `first` is above `last`.
  ValueSet(uint32_t first, uint32_t last);
  /// All numbers that `mask` may leave of one, and perhaps more up to the largest of these.
  static ValueSet all(uint32_t mask);

  bool is_empty() const { return ranges_.empty(); }
  /// How many numbers there are.
  uint64_t count() const;
  bool includes(const ValueSet& other) const { return (other - *this).is_empty(); }
  /// In ascending order, with a gap between any two.
  const std::vector<ValueRange>& ranges() const { return ranges_; }

  friend bool operator==(const ValueSet&, const ValueSet&) = default;
  friend ValueSet operator-(const ValueSet& left, const ValueSet& right);
  friend ValueSet operator|(const ValueSet& left, const ValueSet& right);
  friend ValueSet operator&(const ValueSet& left, const ValueSet& right) {
    return left - (left - right);
  }

 private:
  std::vector<ValueRange> ranges_;
};

}  // namespace nflua::queue
