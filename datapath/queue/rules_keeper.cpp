// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/rules_keeper.hpp"

#include <fmt/format.h>

#include <utility>

#include "datapath/queue/queue_host.hpp"

namespace nflua::queue {

namespace {

/// The 1st, the 10th, the 100th …
bool is_told(uint64_t count) {
  while (count % 10 == 0) count /= 10;
  return count == 1;
}

std::string by(const std::string& program) {
  return program.empty() ? "" : fmt::format(" by '{}'", program);
}

}  // namespace

std::string RulesKeeper::keep(OwnRules& rules, const std::string& program) {
  next_ns_.reset();
  if (rules.is_intact()) return {};
  const int64_t now_ns = monotonic_ns();
  if (!pace_.admit(now_ns)) {
    next_ns_ = pace_.next_ns(now_ns);
    if (std::exchange(is_slow_told_, true)) return {};
    return fmt::format(
        "nft table {} is removed or changed again and again{}: from now on it is put back once a "
        "second at most, and meanwhile the script sees no packets there; end what removes it",
        rules.table(), by(program));
  }
  if (const Failure failure = rules.restore()) {
    next_ns_ = now_ns + kRestorePeriodNs;
    if (std::exchange(is_failure_told_, true)) return {};
    return fmt::format(
        "{}; it was removed or changed{}, and can't be put back: the script sees no packets there; "
        "nflua tries again each second",
        failure.message(), by(program));
  }
  const bool was_failing = std::exchange(is_failure_told_, false);
  if (!is_told(++restored_) && !was_failing) return {};
  return fmt::format("nft table {} was removed or changed{}: put back, {} time{} so far",
                     rules.table(), by(program), restored_, restored_ == 1 ? "" : "s");
}

}  // namespace nflua::queue
