// SPDX-License-Identifier: GPL-2.0-or-later
// Every function that a script can call, with any arguments, any number of times: nothing crashes,
// leaks or passes its bounds, and the next packet is served.
// Input: calls, one after the other: function (1 byte), number of arguments (1), for each argument
// which of the values that there are (1). What a call returns joins the values.
#include "tests/fuzz/scripted.hpp"

namespace nflua::fuzz {
namespace {

constexpr size_t kMaxInputBytes = 4096;

constexpr const char* kScript = R"lua(
local MAX_ARGUMENTS <const>, MAX_VALUES <const> = 7, 200
local pcall, select, unpack = pcall, select, table.unpack

-- In the same order each time: a finding must be found again.
local function functions_of(found, module)
  local names = {}
  for name, value in pairs(module) do
    if type(value) == "function" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do found[#found + 1] = module[name] end
end

local functions = {}
for _, module in ipairs {memory, packet, timer, conn, netlink, string, table, utf8, math, coroutine,
                         os} do
  functions_of(functions, module)
end
for _, name in ipairs {"assert", "collectgarbage", "error", "getmetatable", "ipairs", "load", "next",
                       "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset",
                       "require", "select", "setmetatable", "tonumber", "tostring", "type",
                       "xpcall"} do
  functions[#functions + 1] = _G[name]
end
local METHODS <const> = {"close", "connid", "copybytes", "find", "frame", "hook", "indev", "inner",
                         "mark", "outdev", "owner", "payload", "reply", "segment_size", "send",
                         "tcpreply", "tuple", "unpack"}
-- Behind a call, since a packet's method is found in a packet only.
for _, name in ipairs(METHODS) do
  functions[#functions + 1] = function(pkt, ...) return pkt[name](pkt, ...) end
end
functions[#functions + 1] = function(a) return #a end
functions[#functions + 1] = function(a, b) return a .. b end
functions[#functions + 1] = function(a, b) return a == b, a < b end

local function constants(pkt)
  return {n = 30, nil, true, false, 0, 1, 2, 5, -1, -7, 64, 4096, 65536, math.maxinteger,
          math.mininteger, 0.5, 2.0 ^ 53, 0 / 0, "", "x", "t", "10.0.0.1", "2001:db8::1", "tcp",
          ">I4 I2 s1", "%w+(.)%f[%s]", ("long "):rep(50), "original", pkt, {1, 2, 3},
          function(...) return ... end}
end

local held = {}

local function run(pkt, input)
  local values = constants(pkt)
  local at, count = 1, values.n
  local function byte()
    at = at + 1
    return input:get(at - 1) or 0
  end
  local function keep(ok, ...)
    for i = 1, ok and select("#", ...) or 0 do
      if i > MAX_ARGUMENTS then break end
      count = count % MAX_VALUES + 1
      values[count] = (select(i, ...))
      values.n = math.max(values.n, count)
    end
  end
  while at <= #input do
    local called, arguments = functions[1 + byte() % #functions], {}
    local number = byte() % (MAX_ARGUMENTS + 1)
    for i = 1, number do arguments[i] = values[1 + byte() % values.n] end
    keep(pcall(called, unpack(arguments, 1, number)))
  end
end

-- The first byte says the verdict.
local VERDICTS <const> = {[0] = "accept", "drop", "stolen", "queue", "stop", "continue"}

function target(pkt)
  local from, size = pkt:payload()
  local input = memory.create(size)
  pkt:copybytes(input, from)
  local verdict = VERDICTS[(input:get(1) or 0) % 6]
  held[#held % 4 + 1] = pkt
  run(held[1], input)
  return verdict
end

function __receive_callback(port, message)
  run(held[#held], message)
end

function probe(pkt)
  return true
end
)lua";

/// A good packet that carries the input, so that replies to it are made.
test::Buffer packet_with(std::string_view input) {
  const bool is_udp = !input.empty() && (input[0] & 0x40);
  if (is_udp) return test::ipv6().udp(1, 53).payload(input).build();
  return test::ipv4().tcp(1, 80).payload(input).build();
}

}  // namespace
}  // namespace nflua::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nflua;
  using namespace nflua::fuzz;
  if (size > kMaxInputBytes) return 0;
  stop_at_failed_expectations();
  test::Script script(kScript, small_limits());
  State& state = script.state();
  test::Buffer message = buffer_of({data, size});
  for (int round = 0; round < 3; ++round) {
    test::FakePacket packet(packet_with({reinterpret_cast<const char*>(data), size}));
    packet.world().frame = {0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00};
    packet.world().connection_id = 7;
    script.target(packet);
    require_within_limits(state);
    script.host().run_all_timers(state.limits().max_timers);
    (void)state.receive(1, {message.data(), message.size()});
    require_within_limits(state);
  }
  test::FakePacket packet(test::ipv4().udp(1, 2).build());
  require(state.match("probe", packet) == MatchAnswer::yes, "the next packet is served");
  return 0;
}
