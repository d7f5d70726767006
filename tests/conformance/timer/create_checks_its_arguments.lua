-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  local function f() end
  raises("bad argument", timer.create, -1, f)
  raises("bad argument", timer.create, 1 << 31, f)
  raises("bad argument", timer.create, 1.5, f)
  raises("bad argument", timer.create, "soon", f)
  raises("bad argument", timer.create, 1)
  raises("bad argument", timer.create, 1, "f")
  raises("bad argument", timer.create, 1, setmetatable({}, {__call = f}))
  raises("bad argument", timer.create)
  raises("bad argument", timer.destroy)
  raises("bad argument", timer.destroy, 1)
  raises("bad argument", timer.destroy, memory.create(1))
  local last = timer.create((1 << 31) - 1, f)
  same("userdata true", type(last), timer.destroy(last))
  return "accept"
end
