// SPDX-License-Identifier: GPL-2.0-or-later
// Two searches. The quick one jumps from one occurrence of the needle's first byte to the next;
// in ordinary payloads few of these are false starts. A count of the work that false starts cost
// hands over to the linear one: the two-way algorithm.
// Source: M. Crochemore, D. Perrin, "Two-way string-matching", J. ACM 38 (1991).
#include "engine/find.hpp"

namespace nflua {
namespace {

/// Bytes that false starts may compare: so many at once, and so many for each byte passed.
constexpr size_t kFreeWaste = 1024;
constexpr size_t kWastePerByte = 4;

/// Where a needle is cut in two, so that a mismatch right of the cut allows the longest safe shift.
struct Cut {
  size_t offset;
  /// Of the part right of the cut.
  size_t period;
};

/// The largest suffix, by the order of bytes or its reverse: scans for a rival that beats the best
/// suffix so far, and remembers the period of what both have in common.
Cut largest_suffix(Bytes needle, bool reversed) {
  Cut best{0, 1};
  size_t rival = 1;
  size_t common = 0;
  while (rival + common < needle.size()) {
    const uint8_t challenger = needle[rival + common];
    const uint8_t champion = needle[best.offset + common];
    if (challenger == champion) {
      if (++common == best.period) {
        rival += best.period;
        common = 0;
      }
    } else if ((challenger < champion) != reversed) {
      rival += common + 1;
      common = 0;
      best.period = rival - best.offset;
    } else {
      best = {rival, 1};
      ++rival;
      common = 0;
    }
  }
  return best;
}

/// The theorem: of the two largest suffixes, the shorter one begins at a critical cut.
Cut critical_cut(Bytes needle) {
  const Cut forward = largest_suffix(needle, false);
  const Cut backward = largest_suffix(needle, true);
  return forward.offset > backward.offset ? forward : backward;
}

/// Requires: needle not empty, not longer than haystack.
size_t find_two_way(Bytes haystack, Bytes needle) {
  const Cut cut = critical_cut(needle);
  // If the part left of the cut repeats with the same period, so does the whole needle, and what
  // matched before a shift by it matches still: `known` bytes. Else a shift can be larger.
  const bool periodic = needle.first(cut.offset) == needle.sub(cut.period, cut.offset);
  const size_t right_size = needle.size() - cut.offset;
  const size_t shift = periodic ? cut.period : (cut.offset > right_size ? cut.offset : right_size);
  const size_t known_after_shift = periodic ? needle.size() - cut.period : 0;

  size_t known = 0;
  for (size_t at = 0; haystack.has(at, needle.size());) {
    size_t right = known > cut.offset ? known : cut.offset;
    while (right < needle.size() && needle[right] == haystack[at + right]) ++right;
    if (right < needle.size()) {
      at += right - cut.offset + 1;
      known = 0;
      continue;
    }
    size_t left = cut.offset;
    while (left > known && needle[left - 1] == haystack[at + left - 1]) --left;
    if (left <= known) return at;
    at += shift;
    known = known_after_shift;
  }
  return kNotFound;
}

}  // namespace

size_t find_bytes(Bytes haystack, Bytes needle) {
  if (needle.empty()) return 0;
  size_t waste = 0;
  for (size_t at = 0; haystack.has(at, needle.size()); ++at) {
    const size_t starts = haystack.size() - needle.size() + 1 - at;
    const void* start = memchr(haystack.data() + at, needle[0], starts);
    if (!start) return kNotFound;
    at = size_t(static_cast<const uint8_t*>(start) - haystack.data());
    if (memcmp(start, needle.data(), needle.size()) == 0) return at;
    // memcmp does not say how far it came: reckon with all of it.
    waste += needle.size();
    if (waste > kFreeWaste + kWastePerByte * at) {
      const size_t rest = find_two_way(haystack.sub(at), needle);
      return rest == kNotFound ? kNotFound : at + rest;
    }
  }
  return kNotFound;
}

}  // namespace nflua
