-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local m = memory.create("abc")
  same("string abcdef", type(m .. "def"), m .. "def")
  same("defabc", "def" .. m)
  same("abcabc", m .. memory.create("abc"))
  same("abc1", m .. 1)
  raises("", function() return m .. {} end)
  return "accept"
end
