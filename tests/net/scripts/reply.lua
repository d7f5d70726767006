-- SPDX-License-Identifier: GPL-2.0-or-later
-- Answers requests that begin with "ask", and drops them; says what it could not answer.

local tcp_long = ("0123456789abcdef"):rep(300)

local function asks(pkt)
  local pos, size = pkt:payload()
  return pos and size >= 3 and pkt:unpack("c3", pos) == "ask"
end

function target(pkt)
  if not asks(pkt) then return end
  local ok, message = pkt:reply("from the script\n")
  print(pkt:hook(), ok, message)
  return ok and "drop" or "accept"
end

function short(pkt)
  if not asks(pkt) then return end
  local ok, message = pkt:tcpreply("tcp", "from the script\n")
  print(pkt:hook(), ok, message)
  return ok and "drop" or "accept"
end

function long(pkt)
  if not asks(pkt) then return end
  print(pkt:hook(), pkt:tcpreply(tcp_long))
  return "drop"
end
