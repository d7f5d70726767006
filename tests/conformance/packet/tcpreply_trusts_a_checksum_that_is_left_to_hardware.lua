-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: pending4
function target(pkt)
  same("true", pkt:tcpreply("hello"))
  return "drop"
end
