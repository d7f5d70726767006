-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  same("167772161", packet.pton("10.0.0.1"))
  same("0", packet.pton("0.0.0.0"))
  same("4294967295", packet.pton("255.255.255.255"))
  same("10.0.0.1", packet.ntop(0x0A000001))
  same("255.255.255.255", packet.ntop(0xffffffff))
  same("0.0.0.0", packet.ntop(0))
  same("::", packet.ntop(("\0"):rep(16)))
  local loopback = ("\0"):rep(15) .. "\1"
  assert(packet.pton("::1") == loopback)
  assert(packet.pton("0:0:0:0:0:0:0:1") == loopback)
  same("::1", packet.ntop(loopback))
  for _, text in ipairs({"2001:db8::1", "fe80::1:2", "2001:db8:0:1:1:1:1:1", "::ffff:10.0.0.1"}) do
    same(text, packet.ntop(packet.pton(text)))
  end
  same("2001:db8::1", packet.ntop(packet.pton("2001:0DB8:0:0::1")))
  local wrong = {
    "", "10.0.0", "10.0.0.256", "10.0.0.1 ", "010.0.0.1", "1::2::3", ":::", "fe80::1%lo", "host",
  }
  for _, text in ipairs(wrong) do
    local address, message = packet.pton(text)
    same("nil string", address, type(message))
  end
  raises("bad argument", packet.ntop, -1)
  raises("bad argument", packet.ntop, 1 << 32)
  raises("bad argument", packet.ntop, "abc")
  raises("bad argument", packet.ntop, ("x"):rep(17))
  raises("bad argument", packet.ntop, {})
  raises("bad argument", packet.ntop)
  raises("bad argument", packet.pton, {})
  raises("bad argument", packet.pton)
  return "accept"
end
