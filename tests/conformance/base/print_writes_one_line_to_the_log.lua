-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
print("while it loads")

function target()
  print()
  print("text", 1, 2.5, nil, true)
  print(setmetatable({}, {__tostring = function() return "in its own words" end}))
  local wrong = setmetatable({}, {__tostring = function() return true end})
  raises("'__tostring' must return a string", print, wrong)
  return "accept"
end
