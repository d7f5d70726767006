// SPDX-License-Identifier: GPL-2.0-or-later
// How often our rules are put back: at once, but for a program that removes them again and again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace nflua::queue {

/// So often at once, as tools do that load a ruleset in pieces; then once a period.
inline constexpr int kMaxRestoresAtOnce = 10;
inline constexpr int64_t kRestorePeriodNs = 1'000'000'000;

class RestorePace {
 public:
  /// Whether it may be now. `now_ns` never goes back.
  bool admit(int64_t now_ns) {
    if (now_ns < next_ns(now_ns)) return false;
    paid_until_ns_ = std::max(paid_until_ns_, now_ns) + kRestorePeriodNs;
    return true;
  }
  /// When it may be next.
  int64_t next_ns(int64_t now_ns) const {
    return std::max(now_ns, paid_until_ns_ - (kMaxRestoresAtOnce - 1) * kRestorePeriodNs);
  }

 private:
  int64_t paid_until_ns_ = INT64_MIN / 2;
};

}  // namespace nflua::queue
