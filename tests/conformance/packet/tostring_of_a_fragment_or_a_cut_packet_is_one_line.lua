-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: later4 cut_ip4
-- only: replay (a kernel hands over whole packets: no fragments, nothing cut off)
local parts = {
  {"udp", "10.0.0.1", "10.0.0.2", "36"},
  {"12"},
}
local number = 0

function target(pkt)
  number = number + 1
  local line = tostring(pkt)
  for _, part in ipairs(parts[number]) do
    assert(line:find(part, 1, true), line .. ": no " .. part)
  end
  assert(not line:find("\n"), "two lines")
  return "accept"
end
