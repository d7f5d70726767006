// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/script.hpp"

#include <gtest/gtest.h>

namespace nflua::test {

namespace {

Text text(std::string_view view) { return {view.data(), view.size()}; }

}  // namespace

Script::Script(std::string_view source, const Limits& limits) {
  const Result<State*> created = State::create(host_, "test", limits, 1);
  if (!created) {
    ADD_FAILURE() << created.error().text();
    return;
  }
  state_ = *created;
  EXPECT_EQ(load(source), "");
}

void Script::close() {
  if (state_) state_->close();
  state_ = nullptr;
}

std::string Script::load(std::string_view source) {
  if (!state_->load(text(source), "test.lua")) return {};
  const Text error = state_->last_error();
  return {error.data(), error.size()};
}

void Script::fail_each_allocation(std::string_view source, const std::function<void(bool)>& check) {
  for (uint64_t nth = 1;; ++nth) {
    const uint64_t before = host_.allocations();
    host_.fail_allocation(nth);
    const bool loaded = load(source).empty();
    const bool all_tried = host_.allocations() - before < nth;
    host_.fail_never();
    check(loaded);
    if (all_tried) break;
  }
}

std::string Script::run(std::string_view body, Packet& packet) {
  EXPECT_EQ(load(std::string("function target(pkt) ") + std::string(body) + "\nend"), "");
  host_.reports.clear();
  target(packet);
  return printed() + errors();
}

std::string run_body(std::string_view body, const Buffer& packet) {
  Script script("");
  FakePacket fake(packet);
  return script.run(body, fake);
}

}  // namespace nflua::test
