// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a pack format and as data: our pack and unpack against Lua's own string.pack and
// string.unpack, which live in the same state.
// Input: the format's length (1 byte), the format, the data.
#include "tests/fuzz/scripted.hpp"

namespace nflua::fuzz {
namespace {

constexpr const char* kScript = R"lua(
local MORE <const> = 64 -- room for what a format pads

local function same(a, b)
  return a == b and math.type(a) == math.type(b) or a ~= a and b ~= b
end

-- Results of pcall: the same values, or an error both times.
local function compare(what, fmt, ours, theirs)
  local equal = ours[1] == theirs[1]
  if equal and ours[1] then
    equal = ours.n == theirs.n
    for i = 2, ours.n do equal = equal and same(ours[i], theirs[i]) end
  end
  if not equal then
    print(what, string.format("%q", fmt), tostring(ours[1]), tostring(ours[2]), tostring(theirs[1]),
          tostring(theirs[2]))
  end
end

-- As string.pack, by memory.pack.
local function pack(fmt, size, ...)
  local m = memory.create(size + MORE)
  local whole, next_index = memory.pack(m, fmt, 1, ...)
  if not whole then return nil end
  return memory.tostring(m, 1, next_index - 1)
end

local function compare_packing(fmt, ...)
  local theirs = table.pack(pcall(string.pack, fmt, ...))
  local size = theirs[1] and #theirs[2] or 0
  local ours = table.pack(pcall(pack, fmt, size, ...))
  -- Where Lua raises, ours may have stopped before, for lack of room.
  if theirs[1] or not ours[1] or ours[2] then compare("pack", fmt, ours, theirs) end
end

function target(pkt)
  local size = pkt:unpack("B")
  local fmt = pkt:unpack("c" .. math.min(size, #pkt - 1), 2)
  local rest = memory.create(#pkt - 1 - #fmt)
  pkt:copybytes(rest, 2 + #fmt)
  local data = tostring(rest)

  local theirs = table.pack(pcall(string.unpack, fmt, data))
  compare("unpack", fmt, table.pack(pcall(memory.unpack, rest, fmt)), theirs)
  pcall(pkt.unpack, pkt, fmt)
  compare_packing(fmt, 1, -1, 0.5, "text", 300, "", 65536, math.mininteger)
  if theirs[1] then compare_packing(fmt, table.unpack(theirs, 2, theirs.n - 1)) end
end
)lua";

}  // namespace
}  // namespace nflua::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nflua;
  using namespace nflua::fuzz;
  if (size == 0) return 0;
  stop_at_failed_expectations();
  test::Script script(kScript, small_limits());
  test::FakePacket packet(buffer_of({data, size}));
  script.target(packet);
  require_silence(script);
  return 0;
}
