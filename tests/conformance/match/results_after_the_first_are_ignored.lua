-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function match()
  return true, table.unpack({}, 1, 200)
end
