-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
same_worker = worker

function target()
  same("integer 1 1", math.type(worker), worker, same_worker)
  return "accept"
end
