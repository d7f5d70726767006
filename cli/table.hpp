// SPDX-License-Identifier: GPL-2.0-or-later
// The layout of the tables at the end of a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/rules.hpp"
#include "engine/state.hpp"

namespace nflua::cli {

/// Rows; those that count something unusual show only when there is something.
class Table {
 public:
  void title(const char* text);
  void row(const char* name, uint64_t count, const char* note = "");
  void row_if(const char* name, uint64_t count, const char* note = "");
  void rules(const std::vector<Rule>& rules);
  /// What happened in Lua.
  void script(const StateCounters& counters, size_t bytes_used);
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

}  // namespace nflua::cli
