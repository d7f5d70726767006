// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a pattern and as what it is matched with: find, match, gmatch and gsub agree.
// Input: the pattern's length (1 byte), the pattern, the subject.
#include "tests/fuzz/scripted.hpp"

namespace nflua::fuzz {
namespace {

constexpr const char* kScript = R"lua(
local function check(holds, what, pattern, subject)
  if not holds then print(what, string.format("%q %q", pattern, subject)) end
end

local function check_find(pattern, subject)
  -- Without one of these find takes even a malformed pattern as plain text, as Lua does.
  if not pattern:find("[%^%$%*%+%?%.%(%[%%%-]") then return end
  local found = table.pack(pcall(string.find, subject, pattern))
  local matched = table.pack(pcall(string.match, subject, pattern))
  check(found[1] == matched[1], "find and match agree on errors", pattern, subject)
  if not found[1] or not matched[1] then return end
  local first, last = found[2], found[3]
  check((first ~= nil) == (matched[2] ~= nil), "find and match agree", pattern, subject)
  if not first then return end
  check(first >= 1 and last >= first - 1 and last <= #subject, "a match is in its subject", pattern,
        subject)
  local capture = found.n > 3 and found[4] or found.n == 3 and subject:sub(first, last)
  check(matched[2] == capture, "find and match capture the same", pattern, subject)
end

local function check_gsub(pattern, subject)
  local ok, result, count = pcall(string.gsub, subject, pattern, "%0")
  if not ok then return end
  check(result == subject, "replacing all with themselves changes nothing", pattern, subject)
  if pattern:sub(1, 1) == "^" then return end -- an anchor for gsub only
  local matches = 0
  for _ in subject:gmatch(pattern) do matches = matches + 1 end
  check(matches == count, "gmatch and gsub count the same", pattern, subject)
end

local function check_plain(needle, subject)
  local first = subject:find(needle, 1, true)
  check(first == memory.find(subject, needle), "plain finds agree", needle, subject)
  check(not first or subject:sub(first, first + #needle - 1) == needle, "plain find is right",
        needle, subject)
end

function target(pkt)
  local size = pkt:unpack("B")
  local pattern = pkt:unpack("c" .. math.min(size, #pkt - 1), 2)
  local rest = memory.create(#pkt - 1 - #pattern)
  pkt:copybytes(rest, 2 + #pattern)
  local subject = tostring(rest)
  check_find(pattern, subject)
  check_gsub(pattern, subject)
  if #pattern > 0 and #subject > 0 then check_plain(pattern, subject) end
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
