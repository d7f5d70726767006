-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: no
-- Forged bytecode crashes.
function match()
  return load("\27Lua" .. ("\0"):rep(100), "x", "b") ~= nil or load("\27Lua") ~= nil or string.dump ~= nil
end
