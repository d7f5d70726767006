-- SPDX-License-Identifier: GPL-2.0-or-later
-- Takes its count along when it is loaded anew.

local count = 0

function on_unload() return { count = count } end

function on_reload(old)
  count = old.count
  print("took over", count > 0)
end

function target()
  count = count + 1
  return "accept"
end
