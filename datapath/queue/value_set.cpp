// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/value_set.hpp"

#include <algorithm>
#include <bit>

namespace nflua::queue {

ValueSet::ValueSet(uint32_t first, uint32_t last) {
  if (first <= last) ranges_.push_back({first, last});
}

ValueSet ValueSet::all(uint32_t mask) {
  if (std::has_single_bit(mask)) return ValueSet(0) | ValueSet(mask);
  return {0, mask};
}

uint64_t ValueSet::count() const {
  uint64_t count = 0;
  for (const auto& [first, last] : ranges_) count += uint64_t{last} - first + 1;
  return count;
}

ValueSet operator-(const ValueSet& left, const ValueSet& right) {
  ValueSet result;
  for (ValueRange rest : left.ranges_) {
    bool is_used_up = false;
    for (const ValueRange& cut : right.ranges_) {
      if (cut.last < rest.first || cut.first > rest.last) continue;
      if (cut.first > rest.first) result.ranges_.push_back({rest.first, cut.first - 1});
      is_used_up = cut.last >= rest.last;
      if (is_used_up) break;
      rest.first = cut.last + 1;
    }
    if (!is_used_up) result.ranges_.push_back(rest);
  }
  return result;
}

ValueSet operator|(const ValueSet& left, const ValueSet& right) {
  std::vector<ValueRange> parts = left.ranges_;
  parts.insert(parts.end(), right.ranges_.begin(), right.ranges_.end());
  std::ranges::sort(parts, {}, &ValueRange::first);
  ValueSet result;
  for (const ValueRange& part : parts) {
    std::vector<ValueRange>& ranges = result.ranges_;
    const bool joins = !ranges.empty() && uint64_t{part.first} <= uint64_t{ranges.back().last} + 1;
    if (joins)
      ranges.back().last = std::max(ranges.back().last, part.last);
    else
      ranges.push_back(part);
  }
  return result;
}

}  // namespace nflua::queue
