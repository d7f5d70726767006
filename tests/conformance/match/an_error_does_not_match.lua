-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3 udp4_4 udp4_5 udp4_6
local readable = setmetatable({}, {__tostring = function() return "in its own words" end})
local unreadable = setmetatable({}, {__tostring = function() error("no words") end})
local raised = {"words", {}, nil, readable, unreadable, 42}

function match(pkt)
  error(raised[select(6, pkt:tuple())])
end
