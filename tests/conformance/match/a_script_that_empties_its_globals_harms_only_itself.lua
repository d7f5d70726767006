-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
function match()
  local globals = _G
  for name in pairs(globals) do
    if name ~= "match" then globals[name] = nil end
  end
  return true
end
