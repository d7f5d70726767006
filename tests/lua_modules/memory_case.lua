-- SPDX-License-Identifier: GPL-2.0-or-later
-- Runs a conformance case (tests/conformance) whose packet is of no account, with memory.so.
-- Prints what `target` answers.
--   lua5.4 memory_case.lua CASE.lua CHECK.lua
memory = require("memory")

-- What a state has and an interpreter has not.
getmetatable("").__metatable = "string"

-- A frame whose packet is over: what is left of it is a closed memory, type "other" as well.
local packet = {}
function packet.frame()
  local m <close> = memory.create()
  return m
end

for _, file in ipairs(arg) do dofile(file) end
print(target(packet))
