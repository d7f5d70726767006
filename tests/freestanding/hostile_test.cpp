// SPDX-License-Identifier: GPL-2.0-or-later
// Each script in tests/hostile in the kernel module's own C++ (Lua on the software double and
// without a libc, the engine, datapath/kernel/runtime.cpp), within a kernel's bounds: it ends in
// one of them or as it says, and uses no more of the stack than a kernel has.
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "tests/freestanding/world.hpp"
#include "tests/support/hostile_scripts.hpp"

namespace nflua::test {
namespace {

/// What datapath/kernel/states.c gives a new state.
#define NFLUA_LIMIT(key, type, wire, parameter, user_value, value, ...) .key = value,
constexpr vm_limits kKernelLimits{NFLUA_STATE_LIMITS(NFLUA_LIMIT)};
#undef NFLUA_LIMIT

#ifdef NDEBUG
/// docs/lua-api.md, "Bounds": what a callback may take in a kernel. It is part of the contract, so
/// here, and only where it is promised, time is asserted.
constexpr double kContractMs = 5;
#else
constexpr double kContractMs = 1000;
#endif
constexpr int kRuns = 20;

/// The greatest of one figure, and who it was.
struct Worst {
  const char* what;
  const char* unit;
  double figure = 0;
  std::string script = {};

  void note(double other, const std::string& other_script) {
    if (other <= figure) return;
    figure = other;
    script = other_script;
  }
};

Worst callback_stack{"C stack of a callback", "bytes"};
Worst chunk_stack{"C stack of a chunk", "bytes"};
Worst callback_time{"callback", "ms"};
Worst chunk_time{"chunk", "ms"};

class Summary : public ::testing::Environment {
 public:
  void TearDown() override {
    for (const Worst& worst : {callback_stack, chunk_stack, callback_time, chunk_time})
      if (worst.figure > 0)
        std::cout << "worst " << worst.what << ": " << worst.figure << " " << worst.unit << ", "
                  << worst.script << "\n";
  }
};

const auto* const kSummary = ::testing::AddGlobalTestEnvironment(new Summary);

class HostileScript : public ::testing::TestWithParam<Attack> {
 protected:
  HostileScript() : vm_(new_vm("hostile")), other_(new_vm("other")) {}
  ~HostileScript() override {
    vm_close(vm_);
    expect_alive(other_);
    vm_close(other_);
    EXPECT_TRUE(is_world_as_before());
  }

  /// What came of it, in the words of its expectation.
  std::string outcome_of_load() {
    const Attack& attack = GetParam();
    const double start = thread_ms();
    const bool is_good =
        vm_load(vm_, attack.source.data(), attack.source.size(), attack.name.c_str());
    const double ms = thread_ms() - start;
    note(chunk_stack, chunk_time, ms);
    EXPECT_LE(used_stack_bytes(), kChunkStackBytes + kBeyondStackBytes);
    return is_good ? "" : "load-error " + last_text(vm_);
  }
  std::string outcome_of_match() {
    const vm_stats before = stats();
    const double start = thread_ms();
    const vm_match_answer answer = vm_match(vm_, "match", the_packet());
    callback_ms_ = thread_ms() - start;
    note(callback_stack, callback_time, callback_ms_);
    EXPECT_LE(used_stack_bytes(), kCallbackStackBytes + kBeyondStackBytes);
    if (stats().budget_exceeded > before.budget_exceeded) return "budget";
    if (stats().errors > before.errors) return "error " + state_.last_error();
    return answer == VM_NO ? "no" : "yes";
  }
  /// Whether the state still does what it should.
  void expect_alive(vm* vm) {
    constexpr std::string_view kGood = "function good() return 1 + 1 == 2 end";
    ASSERT_TRUE(vm_load(vm, kGood.data(), kGood.size(), "good")) << last_text(vm);
    EXPECT_EQ(vm_match(vm, "good", the_packet()), VM_YES) << state_.last_error();
  }

  vm* vm_;
  vm* other_;
  double callback_ms_ = 0;

 private:
  vm* new_vm(const char* name) {
    const char* why = nullptr;
    vm* made = vm_create(&state_, name, &kKernelLimits, &why);
    EXPECT_TRUE(made) << why;
    return made;
  }
  static std::string last_text(const vm* vm) {
    size_t size = 0;
    const char* text = vm_last_text(vm, &size);
    return {text, size};
  }
  vm_stats stats() const {
    vm_stats stats;
    vm_get_stats(vm_, &stats);
    return stats;
  }
  static void note(Worst& stack, Worst& time, double ms) {
    const size_t used = used_stack_bytes();
    stack.note(static_cast<double>(used), GetParam().name);
    time.note(ms, GetParam().name);
    std::cout << "  " << time.what << " " << ms << " ms, " << used << " bytes of stack\n";
  }

  state state_;
};

/// A kernel's bounds are less: a script may meet another one of them first.
bool is_a_bounds(const std::string& outcome) {
  for (const char* bound : {"budget", "not enough memory", "stack overflow"})
    if (outcome.find(bound) != std::string::npos) return true;
  return false;
}

TEST_P(HostileScript, ends_within_a_kernels_bounds_and_leaves_the_state_usable) {
  std::string outcome = outcome_of_load();
  if (outcome.empty()) outcome = outcome_of_match();
  for (int run = 1; run < kRuns && callback_ms_ > kContractMs; ++run) outcome_of_match();
  EXPECT_LE(callback_ms_, kContractMs);
  std::cout << "  " << outcome.substr(0, outcome.find('\n')) << "\n";
  EXPECT_TRUE(is_expected(GetParam().expected, outcome) || is_a_bounds(outcome)) << outcome;
  expect_alive(vm_);
  expect_alive(other_);
}

INSTANTIATE_TEST_SUITE_P(Each, HostileScript, ::testing::ValuesIn(read_attacks()),
                         [](const auto& attack) { return attack.param.name; });

}  // namespace
}  // namespace nflua::test
