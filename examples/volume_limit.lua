-- SPDX-License-Identifier: GPL-2.0-or-later
-- Cuts a TCP or UDP connection off after 10 000 bytes, both directions and IP headers counted.
--
--   nflua replay examples/volume_limit.lua tests/captures/download.pcap
--   nflua run --hook forward examples/volume_limit.lua
--
-- Conntrack counts; live this needs net.netfilter.nf_conntrack_acct=1, else all passes, and the log
-- says so once. Not caught: a transfer split over many connections.

local limit_bytes = 10000

local names = { [6] = "tcp", [17] = "udp" }
local warned = false

local function bytes_so_far(pkt)
  local family, protocol, source, source_port, destination, port = pkt:tuple()
  if not source_port or not names[protocol] then return 0 end
  if source_port == 0 or port == 0 then return 0 end -- conn takes 1 to 65535
  local packets, sent, _, received = conn.traffic(family, names[protocol], packet.ntop(source),
    source_port, packet.ntop(destination), port, "both")
  if packets then return sent + received end
  if sent == "counters not found" and not warned then
    print("no limit without accounting: sysctl -w net.netfilter.nf_conntrack_acct=1")
    warned = true
  end
  return 0 -- the first packet of a connection
end

function match(pkt)
  return bytes_so_far(pkt) > limit_bytes
end
