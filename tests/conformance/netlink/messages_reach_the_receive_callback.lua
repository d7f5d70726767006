-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@10 udp4_3@20
-- data: {"port": 7, "text": "at once"} {"time": 0.005, "hex": "00ff"}
-- data: {"time": 0.005, "port": 4294967295, "text": ""}
-- data: {"time": 0.5, "port": 9, "text": "after all"}
-- only: replay (--data is replay's)
local kept

function __receive_callback(...)
  local port, message = ...
  same("2", select("#", ...))
  if kept then same("0", #kept) end
  kept = message
  print(port, memory.type(message), #message, table.concat({message:get(1, -1)}, " "))
end

function target()
  same("0", #kept)
  return "accept"
end
