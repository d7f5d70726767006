-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
local function inner() error("deep") end

function match()
  inner()
  return true
end
