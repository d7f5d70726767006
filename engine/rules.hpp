// SPDX-License-Identifier: GPL-2.0-or-later
// Rule lists: which callbacks see a packet, in which order, and what becomes of it.
#pragma once

#include "engine/limits.hpp"
#include "engine/packet.hpp"

namespace nflua {

class State;

enum class VerdictKind : uint8_t {
  proceed,  ///< no opinion: the next rule; at the end of the list: let through
  accept,
  drop,
  stolen,
  queue,
  repeat,
  stop,
};
inline constexpr size_t kVerdictKinds = size_t(VerdictKind::stop) + 1;

const char* verdict_name(VerdictKind kind);

struct Verdict {
  VerdictKind kind = VerdictKind::proceed;
  /// Of a `queue` verdict: the NFQUEUE's number.
  uint16_t queue = 0;
};

enum class RuleKind : uint8_t { match, target };

struct Rule {
  /// Whose function it is. Borrows.
  State* state = nullptr;
  RuleKind kind = RuleKind::target;
  char function[kNameBytes] = {};
  /// Only TCP packets that carry payload are handed over; others don't match.
  bool tcp_payload_only = false;

  /// Of a match: what follows when it matches, and the mark set first, where the mask isn't 0.
  Verdict on_match{VerdictKind::drop};
  uint32_t mark = 0;
  uint32_t mark_mask = 0;

  // Counters: packets handed over; packets (and their bytes) that this rule decided.
  uint64_t calls = 0;
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t errors = 0;
};

struct Decision {
  Verdict verdict;
  /// The rule that decided; nullptr: none did.
  Rule* rule = nullptr;
  /// Too many repeats: the verdict is drop.
  bool repeated_too_often = false;
};

/// Told of each rule that ran. A tool for people who look; no rule decides by it.
class RuleObserver {
 public:
  virtual void rule_ran(const Rule& rule, Verdict verdict) = 0;

 protected:
  ~RuleObserver() = default;
};

/// Runs the rules over one packet. Errors in callbacks never leave here: they are no verdict.
/// Borrows: all. Context: one thread, as the rules' states.
Decision run_rules(Rule* rules, size_t count, Packet& packet, RuleObserver* observer = nullptr);

}  // namespace nflua
