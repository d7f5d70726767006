-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
function match()
  function match()
    match = nil
    return true
  end
  return false
end
