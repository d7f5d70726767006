// SPDX-License-Identifier: GPL-2.0-or-later
// Any text as a script: whatever it does, its run ends and the state keeps its bounds.
#include "tests/fuzz/scripted.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nflua;
  using namespace nflua::fuzz;
  stop_at_failed_expectations();
  Limits limits = small_limits();
  limits.max_load_instructions = limits.max_instructions;
  test::Script script("", limits);
  const std::string source(reinterpret_cast<const char*>(data), size);
  script.load(source);
  test::FakePacket packet(test::ipv4().tcp(1, 80).payload("GET / HTTP/1.1\r\n").build());
  script.match(packet);
  script.target(packet);
  require_within_limits(script.state());
  script.host().run_all_timers(limits.max_timers);
  require_within_limits(script.state());
  return 0;
}
