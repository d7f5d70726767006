-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local zero = 0.0
  same("nan nan", zero / zero, -(zero / zero))
  same("nan", ("%.1f"):format(zero / zero))
  return "accept"
end
