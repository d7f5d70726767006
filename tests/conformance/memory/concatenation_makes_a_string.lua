-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local m = memory.create("abc")
  same("string abcdef", type(m .. "def"), m .. "def")
  same("defabc", "def" .. m)
  same("abcabc", m .. memory.create("abc"))
  same("abc1", m .. 1)
  raises("", function() return m .. {} end)
  raises("", function() return {} .. m end)
  local list = setmetatable({}, {__concat = function(a, b) return {a, b} end})
  same("true true", (m .. list)[1] == m, (m .. list)[2] == list)
  same("true true", (list .. m)[1] == list, (list .. m)[2] == m)
  return "accept"
end
