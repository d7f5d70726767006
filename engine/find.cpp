// SPDX-License-Identifier: GPL-2.0-or-later
// Three searches, from the one that hopes most to the one that never fails:
//   the next occurrence of the first byte: best where bytes are random, as in encrypted payloads;
//   eight positions at once, by first and last byte: best in text;
//   the two-way algorithm: linear whatever the bytes are.
// Each hands over to the next when false starts have cost too much.
// Source: M. Crochemore, D. Perrin, "Two-way string-matching", J. ACM 38 (1991).
#include "engine/find.hpp"

namespace nflua {
namespace {

/// False starts of the first search.
constexpr int kFewStarts = 16;
/// Bytes that false starts of the second may compare: so many at once, so many for each byte
/// passed.
constexpr size_t kFreeWaste = 1024;
constexpr size_t kWastePerByte = 4;

/// How many positions one step tests: the bytes of a word.
constexpr size_t kLanes = 8;
constexpr uint64_t kEachByte = 0x0101'0101'0101'0101;

/// Compilers make one load of it.
uint64_t load_le64(const uint8_t* at) { return __builtin_bswap64(load_be64(at)); }

/// The top bits of the bytes that are zero; a byte 1 behind a zero may seem to be one.
constexpr uint64_t zero_bytes(uint64_t word) {
  return (word - kEachByte) & ~word & (kEachByte << 7);
}

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

/// Requires: needle not empty.
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

/// Requires: needle not empty.
size_t find_in_lanes(Bytes haystack, Bytes needle) {
  const size_t last = needle.size() - 1;
  const uint64_t first_bytes = needle[0] * kEachByte;
  const uint64_t last_bytes = needle[last] * kEachByte;
  size_t waste = 0;
  size_t at = 0;
  while (haystack.has(at, last + kLanes) && waste <= kFreeWaste + kWastePerByte * at) {
    const uint8_t* window = haystack.data() + at;
    uint64_t hits =
        zero_bytes((load_le64(window) ^ first_bytes) | (load_le64(window + last) ^ last_bytes));
    for (; hits; hits &= hits - 1) {
      const size_t hit = at + size_t(__builtin_ctzll(hits)) / 8;
      if (haystack.sub(hit, needle.size()) == needle) return hit;
      // memcmp does not say how far it came: reckon with all of it.
      waste += needle.size();
    }
    at += kLanes;
  }
  const size_t rest = find_two_way(haystack.sub(at), needle);
  return rest == kNotFound ? kNotFound : at + rest;
}

}  // namespace

size_t find_bytes(Bytes haystack, Bytes needle) {
  if (needle.empty()) return 0;
  size_t at = 0;
  for (int starts = 0; starts < kFewStarts; ++starts, ++at) {
    if (!haystack.has(at, needle.size())) return kNotFound;
    const size_t positions = haystack.size() - at - needle.size() + 1;
    const void* start = memchr(haystack.data() + at, needle[0], positions);
    if (!start) return kNotFound;
    at = size_t(static_cast<const uint8_t*>(start) - haystack.data());
    if (haystack.sub(at, needle.size()) == needle) return at;
  }
  const size_t rest = find_in_lanes(haystack.sub(at), needle);
  return rest == kNotFound ? kNotFound : at + rest;
}

}  // namespace nflua
