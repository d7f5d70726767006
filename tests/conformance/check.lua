-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the cases call. It follows each case's script in the same state, so that a script's lines
-- keep their numbers: there when the first callback runs, not yet while the script loads.

local function text_of(...)
  local values = table.pack(...)
  for i = 1, values.n do values[i] = tostring(values[i]) end
  return table.concat(values, " ")
end

-- The results must read like this, with a space between each two.
function same(expected, ...)
  local got = text_of(...)
  expected = tostring(expected)
  if got ~= expected then error("expected '" .. expected .. "', got '" .. got .. "'", 2) end
end

-- The call must raise an error whose message has this text.
function raises(text, f, ...)
  local ok, message = pcall(f, ...)
  if ok then error("expected an error with '" .. text .. "', got none", 2) end
  if not tostring(message):find(text, 1, true) then
    error("expected an error with '" .. text .. "', got '" .. tostring(message) .. "'", 2)
  end
end
