-- SPDX-License-Identifier: GPL-2.0-or-later
-- For floods: cheap, and as expensive as a script may be.

local seen, largest = 0, 0

function drop_a_third()
  seen = seen + 1
  return seen % 3 == 0 and "drop" or "accept"
end

function accept() return "accept" end

function slow()
  for _ = 1, 20000 do end
  return drop_a_third()
end

-- Says each new size that no single segment has, up to a size that only GSO packets have.
function say_large(pkt)
  if #pkt > 3000 and largest == 0 then
    largest = #pkt
    print("large", largest)
  end
end
