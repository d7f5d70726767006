// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/filter_rules.hpp"

#include <algorithm>
#include <utility>

namespace nflua::queue {

namespace {

const FieldCondition* find(const FilterPath& path, const Field& field) {
  const auto found = std::ranges::find(path, field, &FieldCondition::field);
  return found == path.end() ? nullptr : &*found;
}

ValueSet all_of(const Field& field) { return ValueSet::all(field.mask); }

/// The path without what it says about a field.
FilterPath without(const FilterPath& path, const Field& field) {
  FilterPath rest = path;
  std::erase_if(rest, [&](const FieldCondition& each) { return each.field == field; });
  return rest;
}

/// Whether all packets on `path` fulfil all conditions of `other`, but that of the field `except`.
bool is_inside(const FilterPath& path, const FilterPath& other, const Field* except = nullptr) {
  return std::ranges::all_of(other, [&](const FieldCondition& condition) {
    if (except && condition.field == *except) return true;
    const FieldCondition* ours = find(path, condition.field);
    return ours && condition.values.includes(ours->values);
  });
}

/// Whether a packet that has the path's fields has this one, too. The length is always there.
bool has_room_for(const FilterPath& path, const Field& field) {
  return field.base == FieldBase::packet_length ||
         std::ranges::any_of(path, [&](const FieldCondition& each) {
           return each.field.base == field.base && each.field.end() >= field.end();
         });
}

/// Whether the paths accept the same if `path`, one of them, says nothing about a field of its own:
/// what that lets in is on the others, whatever the field's value.
bool is_idle(const std::vector<FilterPath>& paths, const FilterPath& path, const Field& field) {
  const FilterPath rest = without(path, field);
  if (!has_room_for(rest, field)) return false;
  ValueSet accepted = find(path, field)->values;
  for (const FilterPath& other : paths) {
    if (!is_inside(rest, other, &field)) continue;
    const FieldCondition* theirs = find(other, field);
    accepted = accepted | (theirs ? theirs->values : all_of(field));
  }
  return accepted.includes(all_of(field));
}

void drop_idle_conditions(std::vector<FilterPath>& paths) {
  for (FilterPath& path : paths)
    for (size_t i = path.size(); i-- > 0;)
      if (is_idle(paths, path, path[i].field)) path.erase(path.begin() + ptrdiff_t(i));
}

void drop_paths_inside_others(std::vector<FilterPath>& paths) {
  for (size_t i = paths.size(); i-- > 0;) {
    const bool is_needless = std::ranges::any_of(paths, [&](const FilterPath& other) {
      return &other != &paths[i] && is_inside(paths[i], other);
    });
    if (is_needless) paths.erase(paths.begin() + ptrdiff_t(i));
  }
}

/// Values that lie between others, but are none.
ValueSet gaps_of(const ValueSet& values) {
  const ValueSet hull(values.ranges().front().first, values.ranges().back().last);
  return hull - values;
}

/// nft takes the length in the host's order, unlike a header's bytes: no sets of lengths.
bool is_sayable(const Field& field, const ValueSet& values) {
  if (field.base == FieldBase::packet_length) return values.ranges().size() == 1;
  return values.count() <= kMaxTestValues || gaps_of(values).count() <= kMaxTestValues;
}

/// The field in which alone the paths differ; nullptr: they differ in several.
const Field* only_difference(const FilterPath& left, const FilterPath& right) {
  if (left.size() != right.size()) return nullptr;
  const Field* difference = nullptr;
  for (const FieldCondition& condition : left) {
    const FieldCondition* other = find(right, condition.field);
    if (!other || (difference && other->values != condition.values)) return nullptr;
    if (other->values != condition.values) difference = &condition.field;
  }
  return difference;
}

/// Makes one path of two if that can be said, in place of the first. Returns whether it did.
bool merge(FilterPath& path, const FilterPath& other) {
  const Field* difference = only_difference(path, other);
  if (!difference) return false;
  const auto merged = std::ranges::find(path, *difference, &FieldCondition::field);
  const ValueSet values = merged->values | find(other, *difference)->values;
  if (!is_sayable(*difference, values)) return false;
  merged->values = values;
  return true;
}

void merge_paths(std::vector<FilterPath>& paths) {
  for (bool has_merged = true; std::exchange(has_merged, false);)
    for (size_t i = 0; i < paths.size(); ++i)
      for (size_t j = paths.size(); --j > i;)
        if (merge(paths[i], paths[j])) {
          paths.erase(paths.begin() + ptrdiff_t(j));
          has_merged = true;
        }
}

/// Requires: at most kMaxTestValues.
std::vector<uint32_t> list(const ValueSet& values) {
  std::vector<uint32_t> numbers;
  for (const auto& [first, last] : values.ranges())
    for (uint32_t i = 0; i <= last - first; ++i) numbers.push_back(first + i);
  return numbers;
}

void add_all_but(FilterRule& tests, const Field& field, const ValueSet& left_out) {
  if (left_out.is_empty()) return;
  const std::vector<uint32_t> values = list(left_out);
  const bool has_set = values.size() > 1 && field.base != FieldBase::packet_length;
  if (has_set) return tests.push_back({field, Comparison::none_of, values});
  for (const uint32_t value : values) tests.push_back({field, Comparison::not_equal, {value}});
}

/// The least and the largest of the values, and what lies between others.
FilterRule tests_of_hull(const FieldCondition& condition) {
  const auto& [field, values] = condition;
  const uint32_t first = values.ranges().front().first;
  const uint32_t last = values.ranges().back().last;
  FilterRule tests;
  if (gaps_of(values).count() > kMaxTestValues) return tests;
  if (first > 0) tests.push_back({field, Comparison::at_least, {first}});
  if (last < field.mask) tests.push_back({field, Comparison::at_most, {last}});
  add_all_but(tests, field, gaps_of(values));
  return tests;
}

/// Empty: that can't be said.
FilterRule tests_of(const FieldCondition& condition) {
  const auto& [field, values] = condition;
  const ValueSet left_out = all_of(field) - values;
  if (values.count() == 1) return {{field, Comparison::equal, list(values)}};
  if (left_out.count() == 1) return {{field, Comparison::not_equal, list(left_out)}};
  // Any value will do, and the packet must be that long.
  if (left_out.is_empty()) return {{field, Comparison::at_least, {0}}};
  const bool has_set = values.ranges().size() > 1 && field.base != FieldBase::packet_length;
  if (has_set && left_out.count() <= std::min<uint64_t>(values.count(), kMaxTestValues))
    return {{field, Comparison::none_of, list(left_out)}};
  if (has_set && values.count() <= kMaxTestValues)
    return {{field, Comparison::any_of, list(values)}};
  return tests_of_hull(condition);
}

/// The same, to be added to one rule each: what any of them accepts is meant.
std::vector<FilterRule> tests_by_range(const FieldCondition& condition) {
  std::vector<FilterRule> alternatives;
  for (const auto& [first, last] : condition.values.ranges()) {
    const Field& field = condition.field;
    FilterRule tests;
    if (first == last) {
      tests.push_back({field, Comparison::equal, {first}});
    } else {
      tests.push_back({field, Comparison::at_least, {first}});
      tests.push_back({field, Comparison::at_most, {last}});
    }
    alternatives.push_back(std::move(tests));
  }
  return alternatives;
}

/// The field by its runs of bits without a gap between them.
std::vector<Field> runs_of(const Field& field) {
  std::vector<Field> runs;
  for (uint32_t rest = field.mask; rest != 0; rest &= ~runs.back().mask) {
    const uint32_t lowest = rest & -rest;
    runs.push_back(field);
    runs.back().mask = rest & ~(rest + lowest);
  }
  return runs;
}

/// Each run of bits by itself: of a mask that has gaps, nft 1.1.3 lists other bits. What any of the
/// rules accepts is meant; none: that can't be said.
std::vector<FilterRule> tests_by_run(const FieldCondition& condition) {
  const Field& field = condition.field;
  const ValueSet& values = condition.values;
  const std::vector<Field> runs = runs_of(field);
  const ValueSet left_out = all_of(field) - values;
  if (left_out.is_empty()) return {{{runs.front(), Comparison::at_least, {0}}}};
  const auto is_possible = [&](uint32_t value) { return (value & ~field.mask) == 0; };
  std::vector<FilterRule> alternatives;
  if (left_out.count() == 1 && is_possible(left_out.ranges().front().first)) {
    const uint32_t value = left_out.ranges().front().first;
    for (const Field& run : runs)
      alternatives.push_back({{run, Comparison::not_equal, {value & run.mask}}});
    return alternatives;
  }
  if (values.count() > kMaxTestValues) return {};
  for (const uint32_t value : list(values)) {
    if (!is_possible(value)) continue;
    FilterRule& tests = alternatives.emplace_back();
    for (const Field& run : runs) tests.push_back({run, Comparison::equal, {value & run.mask}});
  }
  return alternatives;
}

/// "!=" about whole bytes of a header.
bool is_unequal(const FilterTest& test) {
  return test.comparison == Comparison::not_equal && test.field.base != FieldBase::packet_length &&
         test.field.mask == whole_mask(test.field.bytes);
}

/// Loading two "!=" of neighbouring fields, nft 1.0.6 makes them one of both fields together, which
/// says less: that one of them differs.
bool has_unequal_neighbour(const FilterRule& rule, const FilterTest& test) {
  return is_unequal(test) && std::ranges::any_of(rule, [&](const FilterTest& each) {
           const Field& left = each.field;
           const Field& right = test.field;
           const bool touches = left.end() == right.offset || right.end() == left.offset;
           return left.base == right.base && touches && is_unequal(each);
         });
}

/// Some bits of the length that are compared by size: nft has no words for these.
bool is_beyond_nft(const FilterTest& test) {
  const bool is_by_size =
      test.comparison == Comparison::at_least || test.comparison == Comparison::at_most;
  return is_by_size && test.field.base == FieldBase::packet_length && test.field.mask != UINT32_MAX;
}

/// Each of the rules with each of the tests behind it.
std::vector<FilterRule> combine(const std::vector<FilterRule>& rules,
                                const std::vector<FilterRule>& alternatives) {
  std::vector<FilterRule> combined;
  for (const FilterRule& rule : rules)
    for (const FilterRule& tests : alternatives) {
      combined.push_back(rule);
      combined.back().insert(combined.back().end(), tests.begin(), tests.end());
    }
  return combined;
}

/// What to add to a rule of these tests, or to copies of it. Empty: that can't be said.
std::vector<FilterRule> tests_behind(const FilterRule& rule, const FieldCondition& condition) {
  if (runs_of(condition.field).size() > 1) return tests_by_run(condition);
  const FilterRule tests = tests_of(condition);
  if (tests.empty() || std::ranges::any_of(tests, is_beyond_nft)) return {};
  const bool is_misread = std::ranges::any_of(
      tests, [&](const FilterTest& test) { return has_unequal_neighbour(rule, test); });
  return is_misread ? tests_by_range(condition) : std::vector(1, tests);
}

/// Returns whether nft can say the path, with what is there already.
bool add_rules(const FilterPath& path, std::vector<FilterRule>& rules) {
  std::vector<FilterRule> added(1);
  for (const FieldCondition& condition : path) {
    added = combine(added, tests_behind(added.front(), condition));
    if (added.empty() || rules.size() + added.size() > kMaxFilterRules) return false;
  }
  rules.insert(rules.end(), added.begin(), added.end());
  return std::ranges::all_of(added,
                             [](const FilterRule& rule) { return rule.size() <= kMaxFilterTests; });
}

/// By their first tests, which the rules have in common, and as many more as they have.
std::vector<FilterGroup> group(const std::vector<FilterRule>& rules) {
  std::vector<FilterGroup> groups;
  for (const FilterRule& rule : rules) {
    const auto same = std::ranges::find_if(groups, [&](const FilterGroup& each) {
      return !rule.empty() && !each.common.empty() && each.common.front() == rule.front();
    });
    if (same == groups.end()) {
      groups.push_back({rule, {rule}});
      continue;
    }
    FilterRule& common = same->common;
    common.erase(std::ranges::mismatch(common, rule).in1, common.end());
    same->rests.push_back(rule);
  }
  for (auto& [common, rests] : groups)
    for (FilterRule& rest : rests)
      rest.erase(rest.begin(), rest.begin() + ptrdiff_t(common.size()));
  return groups;
}

}  // namespace

std::optional<std::vector<FilterGroup>> filter_rules(const BpfProgram& program) {
  std::optional<std::vector<FilterPath>> paths =
      find_filter_paths(program.instructions(), program.size());
  if (!paths) return {};
  drop_idle_conditions(*paths);
  drop_paths_inside_others(*paths);
  merge_paths(*paths);
  std::vector<FilterRule> rules;
  for (const FilterPath& path : *paths)
    if (!add_rules(path, rules)) return {};
  return group(rules);
}

}  // namespace nflua::queue
