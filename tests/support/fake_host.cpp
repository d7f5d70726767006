// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/fake_host.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace nflua::test {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;

Tuple reversed(const Tuple& tuple) {
  Tuple result = tuple;
  std::swap(result.source, result.destination);
  std::swap(result.source_port, result.destination_port);
  return result;
}

}  // namespace

FakeHost::~FakeHost() {
  EXPECT_EQ(blocks_.size(), 0u) << "blocks leaked: " << live_bytes_ << " bytes";
  EXPECT_EQ(timers_.size(), 0u) << "timers left armed";
  for (const auto& [block, size] : blocks_) free(block);
}

void FakeHost::fail_allocation(uint64_t nth) {
  fail_from_ = allocations_ + nth;
  fail_until_ = fail_from_;
}

bool FakeHost::next_allocation_fails() {
  allocations_++;
  if (fail_from_ == 0 || allocations_ < fail_from_) return false;
  return fail_until_ == 0 || allocations_ <= fail_until_;
}

void* FakeHost::reallocate(void* block, size_t old_bytes, size_t new_bytes) {
  if (block) {
    const auto known = blocks_.find(block);
    EXPECT_TRUE(known != blocks_.end() && known->second == old_bytes) << "wrong old size";
  }
  // As lua_Alloc: shrinking and freeing never fail.
  const bool grows = new_bytes > (block ? old_bytes : 0);
  if (grows && next_allocation_fails()) return nullptr;
  if (block) {
    blocks_.erase(block);
    live_bytes_ -= old_bytes;
  }
  if (new_bytes == 0) {
    free(block);
    return nullptr;
  }
  void* result = realloc(block, new_bytes);
  blocks_[result] = new_bytes;
  live_bytes_ += new_bytes;
  return result;
}

TimerHandle* FakeHost::start_timer(State& state, Timer& timer, uint32_t delay_ms) {
  if (timers_fail) return nullptr;
  timers_[++last_timer_] = {&state, &timer, now + int64_t{delay_ms} * kNsPerMs};
  return reinterpret_cast<TimerHandle*>(last_timer_);
}

void FakeHost::cancel_timer(TimerHandle* handle) {
  EXPECT_EQ(timers_.erase(reinterpret_cast<uintptr_t>(handle)), 1u) << "no such timer";
}

FakeHost::Timers::iterator FakeHost::next_timer() {
  return std::min_element(timers_.begin(), timers_.end(), [](const auto& a, const auto& b) {
    return a.second.due_ns < b.second.due_ns;
  });
}

void FakeHost::run(Timers::iterator timer) {
  const ArmedTimer due = timer->second;
  timers_.erase(timer);
  now = std::max(now, due.due_ns);
  due.state->run_timer(*due.timer);
}

void FakeHost::advance_ms(uint32_t milliseconds) {
  const int64_t until = now + int64_t{milliseconds} * kNsPerMs;
  for (auto next = next_timer(); next != timers_.end() && next->second.due_ns <= until;
       next = next_timer()) {
    run(next);
  }
  now = until;
}

size_t FakeHost::run_all_timers(size_t at_most) {
  size_t count = 0;
  for (; count < at_most && !timers_.empty(); count++) run(next_timer());
  return count;
}

void FakeHost::add_connection(const Tuple& original, const ConnEntry& entry) {
  connections_.emplace_back(original, entry);
}

Result<ConnEntry> FakeHost::find_connection(const Tuple& tuple) {
  for (const auto& [original, entry] : connections_) {
    if (tuple == original || tuple == reversed(original)) return entry;
  }
  return Error("connid entry not found");
}

Result<size_t> FakeHost::send_netlink(State&, uint32_t port, uint32_t groups, Bytes payload) {
  if (netlink_error) return *netlink_error;
  datagrams.push_back({port, groups, text_of(payload)});
  return payload.size();
}

void FakeHost::report(const Report& report) {
  reports.push_back({report.kind, text_of(report.state.bytes()), text_of(report.function.bytes()),
                     text_of(report.text.bytes())});
}

std::string FakeHost::texts(ReportKind kind) const {
  std::string result;
  for (const RecordedReport& report : reports) {
    if (report.kind == kind) result += report.text + "\n";
  }
  return result;
}

}  // namespace nflua::test
