-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 tcp4 ping4 esp4 options4
local expected = {
  "4 17 167772161 5000 167772162 53",
  "4 6 167772161 40000 167772162 80",
  "4 1 167772161 nil 167772162 nil",
  "4 50 167772161 nil 167772162 nil",
  "4 6 167772161 40000 167772162 80",
}
local number = 0

function target(pkt)
  number = number + 1
  same(expected[number], pkt:tuple())
  return "accept"
end
