-- SPDX-License-Identifier: GPL-2.0-or-later
-- Says what the script sees of each packet: key=value, separated by blanks.

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

function target(pkt)
  local _, protocol, _, source_port, _, port = pkt:tuple()
  local uid, gid = pkt:owner()
  print(("hook=%s in=%s out=%s owner=%s:%s protocol=%s ports=%s:%s size=%d mark=%d id=%s frame=%s"):
    format(pkt:hook(), pkt:indev(), pkt:outdev(), uid, gid, protocol, source_port, port, #pkt,
      pkt:mark(), pkt:connid(), hex(tostring(pkt:frame()))))
end
