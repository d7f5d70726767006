-- SPDX-License-Identifier: GPL-2.0-or-later
-- One function for each verdict; `--target NAME` and `--match NAME` choose.

function accept() return "accept" end
function stop() return "stop" end
function drop() return "drop" end
function go_on() end
function queue_0() return "queue" end
function queue_5() return "queue", 5 end
function repeat_for_ever() return "repeat" end

seen = 0
function repeat_twice()
  seen = seen + 1
  return seen % 3 == 0 and "accept" or "repeat"
end

function mark(pkt)
  pkt:mark(0x77)
  return "accept"
end

function drop_udp(pkt)
  local _, protocol = pkt:tuple()
  return protocol == 17 and "drop" or "accept"
end

function yes() return true end
function no() return false end
function hotdrop() return "hotdrop" end
function never() error("a rule behind one that decided") end
