-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4 udp4@1500
-- The capture begins at 1 700 000 000 s; while the script loads, it is that time already.
-- only: replay (elsewhere time is the clock's)
print(os.time())

function target()
  print(os.time())
  same("integer integer", math.type(os.time()), math.type(select(2, os.time())))
  return "accept"
end
