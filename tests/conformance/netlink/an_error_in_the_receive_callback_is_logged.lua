-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- data: {"text": "one"} {"text": "two"} {"text": "three"}
-- only: replay (--data is replay's)
function __receive_callback(port, message)
  local text = tostring(message)
  if text == "one" then error("words") end
  if text == "two" then while true do end end
  print(text)
end

function target() return "accept" end
