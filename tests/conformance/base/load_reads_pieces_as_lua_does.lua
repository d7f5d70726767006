-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
local function load_pieces(...)
  local pieces, i = table.pack(...), 0
  return load(function()
    i = i + 1
    return pieces[i]
  end)
end

function target()
  same("43", load_pieces("return ", 42, " + 1")())
  same("1.5", load_pieces("return ", 1.5)())
  same("4", load_pieces("return 4", "", " + 1")())
  same("4", load_pieces("return 4", nil, " + 1")())
  local function refused(message, f, got)
    same("nil", f)
    if not tostring(got):find(message, 1, true) then error(got, 2) end
  end
  refused("load_reads_pieces_as_lua_does.lua:21: oops", load(function()
    error("oops")
  end))
  refused(".lua:23: reader function must return a string", load(function() return {} end))
  refused("yield", load(coroutine.yield))
  local value = {}
  local f, got = load(function() error(value) end)
  same("nil true", f, got == value)
  return "accept"
end
