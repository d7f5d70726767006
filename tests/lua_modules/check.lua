-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the tests here call: run(tests) runs each function of a table, in the order of their names,
-- says which failed, and ends the program. A test that can't run returns skip(why); the status then
-- is 77. The others are those of the conformance cases.
dofile((arg[0]:gsub("[^/]*$", "")) .. "../conformance/check.lua")

local SKIP_STATUS = 77

function skip(why)
  return {skipped = why}
end

-- What became of a test: "ok", "FAILED" or "SKIPPED", and why.
local function outcome_of(test)
  local ok, result = xpcall(test, debug.traceback)
  if not ok then return "FAILED", ": " .. tostring(result) end
  if result then return "SKIPPED", ": " .. result.skipped end
  return "ok", ""
end

function run(tests)
  local names, counts = {}, {ok = 0, FAILED = 0, SKIPPED = 0}
  for name in pairs(tests) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local outcome, why = outcome_of(tests[name])
    print(outcome .. " " .. name .. why)
    counts[outcome] = counts[outcome] + 1
  end
  print(("%d ok, %d failed, %d skipped"):format(counts.ok, counts.FAILED, counts.SKIPPED))
  local status = counts.SKIPPED > 0 and SKIP_STATUS or #names > 0
  os.exit(counts.FAILED == 0 and status, true)
end
