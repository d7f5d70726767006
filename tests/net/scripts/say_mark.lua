-- SPDX-License-Identifier: GPL-2.0-or-later

function target(pkt)
  print("mark", pkt:mark())
end
