-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2@5 udp4_3@1001
-- kernel: --max-instructions 1000000
function target(pkt)
  local port = select(6, pkt:tuple())
  if port == 1 then timer.create(1000, function() print("ran") end) end
  if port == 2 then for _ = 1, 2000 do local _ = ("garbage"):rep(100) .. _ end end
  return "accept"
end
