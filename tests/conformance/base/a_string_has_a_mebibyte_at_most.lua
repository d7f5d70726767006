-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- kernel: --max-bytes 67108864
function target()
  same("1048576", #("x"):rep(1048576))
  raises("", string.rep, "x", 1048577)
  raises("", memory.tostring, memory.create(1048577))
  return "accept"
end
