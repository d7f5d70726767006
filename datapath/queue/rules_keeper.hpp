// SPDX-License-Identifier: GPL-2.0-or-later
// Puts our table back when others have removed or changed it, at a pace that no program can drive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "datapath/queue/own_rules.hpp"
#include "datapath/queue/restore_pace.hpp"

namespace nflua::queue {

class RulesKeeper {
 public:
  /// Looks at the table, and puts it back if it may be now. `program`: the one that changed it
  /// perhaps; empty: unknown. Returns what a person should know; mostly nothing.
  std::string keep(OwnRules& rules, const std::string& program);
  /// When to call keep() again though there is no news: the table is not what it should be.
  std::optional<int64_t> next_ns() const { return next_ns_; }
  /// Times that it was put back.
  uint64_t restored() const { return restored_; }

 private:
  RestorePace pace_;
  uint64_t restored_ = 0;
  std::optional<int64_t> next_ns_;
  /// What is so was told.
  bool is_slow_told_ = false;
  bool is_failure_told_ = false;
};

}  // namespace nflua::queue
