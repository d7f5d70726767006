-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the tests here call: run(tests) runs each function of a table, in the order of their names,
-- says which failed, and ends the program. The others are those of the conformance cases.
dofile((arg[0]:gsub("[^/]*$", "")) .. "../conformance/check.lua")

function run(tests)
  local names, failed = {}, 0
  for name in pairs(tests) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local ok, message = xpcall(tests[name], debug.traceback)
    print((ok and "ok   " or "FAIL ") .. name .. (ok and "" or ": " .. tostring(message)))
    if not ok then failed = failed + 1 end
  end
  print(#names - failed .. " of " .. #names .. " hold")
  os.exit(failed == 0 and #names > 0, true)
end
