-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  same("2", (("abc"):find("b")))
  same("b", ("abc"):match("%a", 2))
  same("xbx 2", ("aba"):gsub("a", "x"))
  same("1", (("x"):rep(100):find(("x"):rep(100), 1, true)))
  local long = ("x"):rep(513)
  raises("pattern too", string.find, "x", long .. "?")
  raises("pattern too", string.match, "x", long)
  raises("pattern too", function() return string.gmatch("x", long)() end)
  raises("pattern too", string.gsub, "x", long, "")
  raises("", string.rep, "x", 1 << 62)
  return "accept"
end
