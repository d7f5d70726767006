-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  raises("bad argument #1 to 'conn.traffic' (", pcall_of, conn.traffic)
  raises("bad argument #1 to 'memory.create' (", pcall_of, memory.create, {})
  raises("bad argument #1 to 'packet.pton' (", pcall_of, packet.pton)
  raises("bad argument #1 to 'string.rep' (", pcall_of, string.rep)
  raises("bad argument #1 to 'setmetatable' (", pcall_of, setmetatable)
  raises("bad argument #1 to 'rep' (", function() string.rep() end)
  return "accept"
end

-- Calls it without a name.
function pcall_of(f, ...)
  local ok, message = pcall(f, ...)
  if not ok then error(message, 0) end
end
