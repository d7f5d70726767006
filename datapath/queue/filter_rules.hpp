// SPDX-License-Identifier: GPL-2.0-or-later
// A capture filter as rules of nft's own: a packet is inside if all tests of one rule hold. Other
// than the kernel's match for a filter's program (xt_bpf), nft can load again what it lists of
// these, and any kernel with nft has what they take.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "datapath/bpf_program.hpp"
#include "datapath/queue/filter_paths.hpp"

namespace nflua::queue {

enum class Comparison : uint8_t { equal, not_equal, at_least, at_most, any_of, none_of };

/// Fails, too, if the packet has no such field: it is too short.
struct FilterTest {
  Field field;
  Comparison comparison = Comparison::equal;
  /// One, but for any_of and none_of.
  std::vector<uint32_t> values;

  friend bool operator==(const FilterTest&, const FilterTest&) = default;
  bool needs_set() const {
    return comparison == Comparison::any_of || comparison == Comparison::none_of;
  }
};

using FilterRule = std::vector<FilterTest>;

/// Rules of a filter, tests of a rule, and values of a test. A packet outside a filter meets all
/// rules, so that many of them take longer than the program; and one netlink message has room for
/// so many tests, or values.
inline constexpr size_t kMaxFilterRules = 32;
inline constexpr size_t kMaxFilterTests = 32;
inline constexpr size_t kMaxTestValues = 256;

/// Rules that begin with the same tests, which a packet outside meets once then.
struct FilterGroup {
  FilterRule common;
  /// What follows. One that is empty: nothing but the common tests.
  std::vector<FilterRule> rests;
};

/// Nothing: nft can't say it, or only with more than that.
std::optional<std::vector<FilterGroup>> filter_rules(const BpfProgram& program);

}  // namespace nflua::queue
