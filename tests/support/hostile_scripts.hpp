// SPDX-License-Identifier: GPL-2.0-or-later
// The scripts of tests/hostile and the time they take, for tests that run them.
// Requires: NFLUA_HOSTILE_SCRIPTS, their folder.
#pragma once

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace nflua::test {

struct Attack {
  std::string name;
  /// What stands behind "-- expect: ": tests/unit/sandbox_test.cpp.
  std::string expected;
  std::string source;
};

inline void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

inline std::vector<Attack> read_attacks() {
  std::vector<Attack> attacks;
  for (const auto& entry : std::filesystem::directory_iterator(NFLUA_HOSTILE_SCRIPTS)) {
    if (entry.path().extension() != ".lua") continue;
    std::ifstream file(entry.path());
    std::string source{std::istreambuf_iterator<char>(file), {}};
    constexpr std::string_view kMark = "-- expect: ";
    const size_t start = source.find(kMark) + kMark.size();
    attacks.push_back(
        {entry.path().stem(), source.substr(start, source.find('\n', start) - start), source});
  }
  std::sort(attacks.begin(), attacks.end(),
            [](const Attack& a, const Attack& b) { return a.name < b.name; });
  return attacks;
}

/// Those whose chunk is not refused.
inline std::vector<Attack> attacks_that_load() {
  std::vector<Attack> attacks = read_attacks();
  std::erase_if(attacks, [](const auto& attack) { return attack.expected.starts_with("load"); });
  return attacks;
}

/// Whether that came of a script ("budget", "error TEXT" …) which its expectation says.
inline bool is_expected(const std::string& expected, const std::string& outcome) {
  if (expected == "ends") return true;
  const size_t space = expected.find(' ');
  if (outcome.substr(0, outcome.find(' ')) != expected.substr(0, space)) return false;
  return space == std::string::npos ||
         outcome.find(expected.substr(space + 1)) != std::string::npos;
}

/// CPU time of this thread.
inline double thread_ms() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

}  // namespace nflua::test
