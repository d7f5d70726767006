// SPDX-License-Identifier: GPL-2.0-or-later
// How deep a script's calls and sources nest on a kernel's stack: at least as docs/kernel.md says.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

#include "tests/freestanding/world.hpp"

namespace nflua::test {
namespace {

/// Enough for counting; the bounds on stack are a kernel's.
constexpr vm_limits kLimits{.max_bytes = 4 << 20,
                            .max_instructions = 50'000'000,
                            .max_load_instructions = 50'000'000,
                            .max_timers = 16,
                            .max_held_packets = 16,
                            .max_held_bytes = 1 << 20};

using Depths = std::map<std::string, int>;

Depths read_depths(const std::string& text) {
  Depths depths;
  std::istringstream in(text);
  std::string name;
  int depth = 0;
  char comma;
  while (in >> name >> depth) {
    depths[name] = depth;
    in >> comma;
  }
  return depths;
}

class Depth : public ::testing::Test {
 protected:
  Depth() {
    const char* why = nullptr;
    vm_ = vm_create(&state_, "depth", &kLimits, &why);
    std::ifstream file(NFLUA_DEPTHS);
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    EXPECT_TRUE(vm_load(vm_, source.data(), source.size(), "depths.lua")) << text();
  }
  ~Depth() override { vm_close(vm_); }

  Depths evaluate(std::string_view expression) {
    EXPECT_TRUE(vm_evaluate(vm_, expression.data(), expression.size(), "depth")) << text();
    std::cout << "  " << text() << "\n";
    return read_depths(text());
  }
  std::string text() const {
    size_t size = 0;
    const char* data = vm_last_text(vm_, &size);
    return {data, size};
  }

  state state_;
  vm* vm_ = nullptr;
};

void expect_at_least(const Depths& promised, Depths found) {
  for (const auto& [name, depth] : promised) EXPECT_GE(found[name], depth) << name;
}

/// The table of docs/kernel.md, which was measured in the module. Compilers differ by a few bytes
/// of a frame: GCC 12 and 14 are both served.
const Depths kOfChunk = {{"pcall", 10},  {"coroutine", 12}, {"metamethod", 28},
                         {"sort", 12},   {"gsub", 5},       {"parentheses", 30},
                         {"tables", 28}, {"functions", 17}, {"blocks", 25}};
const Depths kOfCallback = {{"pcall", 7},   {"coroutine", 8},  {"metamethod", 18},
                            {"sort", 8},    {"gsub", 3},       {"parentheses", 18},
                            {"tables", 17}, {"functions", 12}, {"blocks", 17}};

TEST_F(Depth, of_a_chunk_is_at_least_what_is_promised) {
  expect_at_least(kOfChunk, evaluate("depths()"));
}

TEST_F(Depth, of_a_callback_is_at_least_what_is_promised) {
  EXPECT_EQ(vm_match(vm_, "match", the_packet()), VM_NO) << state_.last_error();
  expect_at_least(kOfCallback, evaluate("in_callback"));
}

}  // namespace
}  // namespace nflua::test
