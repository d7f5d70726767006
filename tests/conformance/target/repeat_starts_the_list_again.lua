-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2
-- args: --target first --target again
local calls = 0

function first() end

function again()
  calls = calls + 1
  return calls == 1 and "repeat" or "accept"
end
